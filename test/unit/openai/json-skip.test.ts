import { describe, expect, it } from "vitest";
import { BYTE, firstIn, nextIn, skipKey, skipSpace, skipString, skipValue } from "../../../src/openai/json-skip.ts";
import { faultOf } from "./fixtures.ts";

const bytes = (text: string): Buffer => Buffer.from(text);

describe("json-skip", () => {
  it.each([
    "0",
    "-0",
    "12.5",
    "1e9",
    "1E+2",
    "-3.25e-10",
    "true",
    "false",
    "null",
    '""',
    '"a\\"b"',
    "[]",
    "[ ]",
    "{}",
    '{ "a" : [ 1 , {} ] }',
  ])("ends %s where it ends", (text) => {
    expect(skipValue(bytes(`${text},x`), 0, 0)).toBe(text.length);
  });

  it("stops a number where its digits stop", () => {
    expect(skipValue(bytes("1-2"), 0, 0)).toBe(1);
    expect(skipValue(bytes("10.5.5"), 0, 0)).toBe(4);
  });

  it("finds the quote behind an even run of backslashes, near and far", () => {
    const far = `"${"x".repeat(100)}\\\\\\"${"y".repeat(100)}\\\\"`;
    expect(skipString(bytes(`${far}""`), 0)).toBe(far.length);
    expect(faultOf(() => skipString(bytes(`"${"x".repeat(100)}\\"`), 0)).message).toContain("byte 0");
  });

  it("steps through members and says where the container closes", () => {
    const text = bytes('{ "a" : 1 , "b" : 2 }');
    const a = firstIn(text, 0, BYTE.braceEnd);
    expect(text[skipKey(text, a)]).toBe(0x31);
    const b = nextIn(text, skipKey(text, a) + 1, BYTE.braceEnd);
    expect(text.toString("latin1", b, b + 3)).toBe('"b"');
    expect(nextIn(text, skipKey(text, b) + 1, BYTE.braceEnd)).toBe(-2 - 20);
    expect(skipSpace(text, 1)).toBe(2);
  });
});
