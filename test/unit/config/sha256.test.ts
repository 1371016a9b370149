import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../../src/config/sha256.ts";

describe("sha256", () => {
  it("agrees with the published vectors", () => {
    const hex = (text: string): string => Buffer.from(sha256(text), "base64url").toString("hex");
    expect(hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
  });

  it("agrees with the runtime at every length around a block", () => {
    for (let length = 0; length <= 200; length += 1) {
      const text = "é".repeat(length % 3) + "x".repeat(length);
      expect(sha256(text)).toBe(createHash("sha256").update(text).digest("base64url"));
    }
  });

  it("agrees with the runtime on any text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => sha256(text) === createHash("sha256").update(text).digest("base64url")),
      { numRuns: 200 },
    );
  });
});
