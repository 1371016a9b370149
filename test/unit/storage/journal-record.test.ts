import { describe, expect, it } from "vitest";
import { decodeRecord, decodeRecords, encodeRecord, END_PREFIX } from "../../../src/storage/journal-record.ts";
import { end, hold, mark } from "./fixtures/world.ts";

describe("journal records", () => {
  it("are read as they were written", () => {
    const records = [hold(1), mark(1), end(1), end(2, { backend: undefined, firstByteMs: undefined, outcome: "crashed" })];
    expect(decodeRecords(records.map(encodeRecord).join(",\n"))).toEqual(records);
  });

  it("round durations, and nothing else", () => {
    const line = encodeRecord(end(1, { firstByteMs: 1.4, durationMs: 2.6 }));
    expect(decodeRecord(JSON.parse(line))).toMatchObject({ firstByteMs: 1, durationMs: 3 });
    expect(() => encodeRecord(hold(1, { tokens: 1.5 }))).toThrow(RangeError);
    expect(() => encodeRecord(mark(1, Number.MAX_SAFE_INTEGER + 1))).toThrow(RangeError);
  });

  it("begin with the prefix that a failed write keeps, ends alone", () => {
    expect(encodeRecord(end(1)).startsWith(END_PREFIX)).toBe(true);
    expect(encodeRecord(hold(1)).startsWith(END_PREFIX)).toBe(false);
    expect(encodeRecord(mark(1)).startsWith(END_PREFIX)).toBe(false);
  });

  it.each([
    ["an unknown kind", `["x","r1"]`],
    ["a field too few", `["m","r1",1,2,3,"none"]`],
    ["an unknown capability", encodeRecord(hold(1)).replace('"chat"', '"magic"')],
    ["text for a number", encodeRecord(mark(1)).replace(",7]", ',"7"]')],
    ["a fraction", encodeRecord(mark(1)).replace(",7]", ",7.5]")],
    ["no list", "{}"],
  ])("refuse %s", (_, line) => {
    expect(() => decodeRecord(JSON.parse(line))).toThrow(TypeError);
  });
});
