import { describe, expect, it } from "vitest";
import { scan } from "../../../src/openai/json-scan.ts";
import { editMembers, jsonString, splice, streamOptionsWithUsage } from "../../../src/openai/splice.ts";
import { CHECKS } from "./fixtures.ts";

const object = (text: string) => {
  const body = Buffer.from(text);
  return { body, ...scan(body, CHECKS) };
};
const edit = (text: string, changes: Record<string, string | undefined>): string =>
  editMembers(
    object(text),
    new Map(Object.entries(changes).map(([name, value]) => [name, value === undefined ? undefined : Buffer.from(value)])),
  ).toString();

describe("splice", () => {
  it("makes edits in order and leaves the rest", () => {
    const body = Buffer.from("0123456789");
    const edits = [
      { start: 0, end: 0, bytes: Buffer.from("<") },
      { start: 2, end: 5, bytes: Buffer.from("x") },
      { start: 10, end: 10, bytes: Buffer.from(">") },
    ];
    expect(splice(body, edits).toString()).toBe("<01x56789>");
    expect(splice(body, []).equals(body)).toBe(true);
  });

  it("refuses edits that overlap or lie outside", () => {
    const at = (start: number, end: number) => ({ start, end, bytes: Buffer.alloc(0) });
    expect(() => splice(Buffer.from("abc"), [at(1, 3), at(2, 3)])).toThrow(RangeError);
    expect(() => splice(Buffer.from("abc"), [at(2, 4)])).toThrow(RangeError);
    expect(() => splice(Buffer.from("abc"), [at(2, 1)])).toThrow(RangeError);
  });
});

describe("editMembers", () => {
  it("replaces in place and keeps everything else byte for byte", () => {
    expect(edit('{ "model" : "a" ,"x":[ 1 ]}', { model: '"b"' })).toBe('{ "model" : "b" ,"x":[ 1 ]}');
  });

  it("adds behind the last member, into an empty object too", () => {
    expect(edit('{"a":1 }', { b: "2", c: "3" })).toBe('{"a":1 ,"b":2,"c":3}');
    expect(edit("{}", { b: "2" })).toBe('{"b":2}');
  });

  it.each([
    ["a", '{"b":2,"c":3}'],
    ["b", '{"a":1,"c":3}'],
    ["c", '{"a":1,"b":2}'],
  ])("removes %s with its comma", (name, expected) => {
    expect(edit('{"a":1,"b":2,"c":3}', { [name]: undefined })).toBe(expected);
  });

  it("removes several, all, and escaped keys, and still adds", () => {
    expect(JSON.parse(edit('{"a":1,"b":2,"c":3}', { a: undefined, b: undefined }))).toEqual({ c: 3 });
    expect(JSON.parse(edit('{"a":1,"b":2,"c":3}', { b: undefined, c: undefined }))).toEqual({ a: 1 });
    expect(JSON.parse(edit('{"a":1,"b":2}', { a: undefined, b: undefined, z: "0" }))).toEqual({ z: 0 });
    expect(JSON.parse(edit('{"\\":\\"a" : 1 ,"b":2}', { '":"a': undefined, b: "5" }))).toEqual({ b: 5 });
    expect(edit('{"a":1}', { missing: undefined })).toBe('{"a":1}');
  });

  it("writes model names as JSON", () => {
    expect(JSON.parse(editMembers(object('{"model":"a"}'), new Map([["model", jsonString('we"ird\n')]])).toString())).toEqual({
      model: 'we"ird\n',
    });
  });
});

describe("streamOptionsWithUsage", () => {
  it("turns usage on and keeps the caller's other options", () => {
    const of = (text: string): unknown => JSON.parse(streamOptionsWithUsage(object(text)).toString());
    expect(of("{}")).toEqual({ include_usage: true });
    expect(of('{"stream_options":null}')).toEqual({ include_usage: true });
    expect(of('{"stream_options":{"include_usage":false,"continuous_usage_stats":true}}')).toEqual({
      include_usage: true,
      continuous_usage_stats: true,
    });
    expect(of('{"x":[1], "stream_options": {"a":1}}')).toEqual({ a: 1, include_usage: true });
  });
});
