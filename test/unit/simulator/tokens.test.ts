import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, decodeOne, encode, pieces, VOCABULARY_SIZE } from "../../../src/simulator/tokens.ts";

describe("tokens", () => {
  it("gives every well-formed text back, and never makes more tokens than bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
        const whole = text.toWellFormed();
        expect(decode(encode(text))).toBe(whole);
        expect(pieces(text).join("")).toBe(whole);
        expect(encode(text).length).toBeLessThanOrEqual(Buffer.byteLength(whole));
      }),
    );
  });

  it("knows words with and without their space, and pairs of letters", () => {
    expect(encode("the harbour")).toHaveLength(2);
    expect(pieces("xy zq")).toEqual(["xy", " ", "zq"]);
  });

  it("answers an id that no token has with the replacement character", () => {
    for (const id of [-1, 1.5, 400, 1_000, 2_000, VOCABULARY_SIZE]) expect(decodeOne(id)).toBe("\uFFFD");
  });
});
