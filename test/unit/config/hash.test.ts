import { describe, expect, it } from "vitest";
import { normalHash } from "../../../src/config/hash.ts";

describe("normalHash", () => {
  it("spells hex and base64url alike", () => {
    const digest = Buffer.alloc(32, 0xfb);
    expect(normalHash(`sha256:${digest.toString("hex").toUpperCase()}`)).toBe(digest.toString("base64url"));
    expect(normalHash(`sha256:${digest.toString("base64url")}`)).toBe(digest.toString("base64url"));
  });

  it("refuses what is no hash, and bits that no digest has", () => {
    for (const text of [
      "",
      "sk-secret",
      "sha256:",
      `sha256:${"a".repeat(63)}`,
      `sha256:${"A".repeat(42)}`,
      `sha256:${"A".repeat(42)}B`,
      `md5:${"a".repeat(64)}`,
    ])
      expect(normalHash(text)).toBeUndefined();
  });
});
