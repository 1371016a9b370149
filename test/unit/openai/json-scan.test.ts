import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { elements, kindAt, readNumber, readString, scan } from "../../../src/openai/json-scan.ts";
import { CHECKS, faultOf } from "./fixtures.ts";

const read = (text: string) => scan(Buffer.from(text), CHECKS);
const value = (text: string, name: string): string | undefined => {
  const field = read(text).fields.get(name);
  return field === undefined ? undefined : Buffer.from(text).toString("utf8", field.start, field.end);
};

describe("scan", () => {
  it("gives the exact range of every top-level value and the closing brace", () => {
    const text = ' {"a" : 1.5e3 , "b":"x\\"}","c":[{"d":[1]}, 2],"e":{"f":null}, "g":true}\n';
    expect(value(text, "a")).toBe("1.5e3");
    expect(value(text, "b")).toBe('"x\\"}"');
    expect(value(text, "c")).toBe('[{"d":[1]}, 2]');
    expect(value(text, "e")).toBe('{"f":null}');
    expect(text[read(text).closeAt]).toBe("}");
    expect([...read(text).fields.keys()]).toEqual(["a", "b", "c", "e", "g"]);
  });

  it("is not fooled by structure inside strings", () => {
    const text = '{"messages":"],\\"model\\":\\"evil\\"}\\\\","model":"m"}';
    expect(value(text, "model")).toBe('"m"');
    expect(read(text).fields.size).toBe(2);
  });

  it("reads escaped and non-ASCII keys as what they mean", () => {
    expect(value('{"mo\\u0064el":"m"}', "model")).toBe('"m"');
    expect(value('{"schlüssel":1}', "schlüssel")).toBe("1");
    expect(value('{"__proto__":1}', "__proto__")).toBe("1");
  });

  it("counts elements and says whether they hold arrays", () => {
    const { fields } = read('{"a":[1,2,3],"b":[],"c":[{"x":"[1]"}],"d":[{"x":[1]},{}]}');
    expect([...fields.values()].map(({ count, nested }) => [count, nested])).toEqual([
      [3, false],
      [0, false],
      [1, false],
      [2, true],
    ]);
  });

  it("refuses a key given twice, whichever way it is spelled", () => {
    const fault = faultOf(() => read('{"model":"a","mo\\u0064el":"b"}'));
    expect([fault.fault, fault.param]).toEqual(["duplicate_parameter", "model"]);
  });

  it.each([
    ["", "expected an object at byte 0"],
    ["[]", "expected an object at byte 0"],
    ['{"a":NaN}', "expected a value at byte 5"],
    ['{"a":Infinity}', "expected a value at byte 5"],
    ['{"a":-Infinity}', "expected a value at byte 5"],
    ['{"a":01}', "leading zero at byte 5"],
    ['{"a":-01}', "leading zero at byte 5"],
    ['{"a":1.}', "expected a digit at byte 7"],
    ['{"a":1e}', "expected a digit at byte 7"],
    ['{"a":.5}', "expected a value at byte 5"],
    ['{"a":+1}', "expected a value at byte 5"],
    ['{"a":tru}', "unknown literal at byte 5"],
    ['{"a":nulL}', "unknown literal at byte 5"],
    ['{"a":1,}', "expected a key at byte 7"],
    ['{"a":[1,]}', "expected a value at byte 8"],
    ['{"a":[1}', "expected a comma or ] at byte 7"],
    ['{"a" 1}', "expected a colon at byte 5"],
    ['{"a":1}x', "expected nothing more at byte 7"],
    ['{"a":1}{}', "expected nothing more at byte 7"],
    ['{"a":"x', "unterminated string at byte 5"],
    ['{"a":"x\\"}', "unterminated string at byte 5"],
    ["{'a':1}", "expected a key at byte 1"],
    ["{a:1}", "expected a key at byte 1"],
    ['{"a":1 /* c */}', "expected a comma or } at byte 7"],
    ['{"a\\x":1}', "unreadable key at byte 1"],
    ['\ufeff{"a":1}', "expected an object at byte 0"],
    ['{"a":1', "expected a comma or } at byte 6"],
  ])("refuses %s", (text, reason) => {
    const fault = faultOf(() => read(text));
    expect(fault.fault).toBe("invalid_json");
    expect(fault.message).toContain(reason);
  });

  it("finds the end of strings of every length and of every run of backslashes", () => {
    for (let length = 0; length < 80; length++) {
      for (let slashes = 0; slashes < 6; slashes++) {
        const text = "x".repeat(length) + "\\".repeat(slashes) + '"y';
        const body = JSON.stringify({ a: text, b: 1 });
        expect(JSON.parse(value(body, "a") ?? "null")).toBe(text);
      }
    }
  });

  it("refuses what is not UTF-8, inside strings too", () => {
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}')]);
    expect(faultOf(() => scan(body, CHECKS)).fault).toBe("invalid_utf8");
  });

  it("bounds depth and number of keys", () => {
    const deep = (depth: number): string => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(() => read(deep(BOUNDS.jsonDepthMax - 1))).not.toThrow();
    expect(faultOf(() => read(deep(BOUNDS.jsonDepthMax + 1))).message).toContain("nested too deep");
    const wide = (keys: number): string => `{${Array.from({ length: keys }, (_, i) => `"k${i}":0`).join()}}`;
    expect(read(wide(BOUNDS.jsonTopLevelKeysMax)).fields.size).toBe(BOUNDS.jsonTopLevelKeysMax);
    expect(faultOf(() => read(wide(BOUNDS.jsonTopLevelKeysMax + 1))).message).toContain("too many members");
  });

  it("takes time in proportion to a body of nothing but escapes", () => {
    const half = Buffer.from(JSON.stringify({ a: '"\\'.repeat(100_000) }));
    expect(scan(half, CHECKS).fields.size).toBe(1);
  });
});

describe("small values", () => {
  it("reads kinds, strings and numbers", () => {
    const body = Buffer.from('{"s":"\\u00e9é","n":-2.5e1,"b":false,"z":null,"o":{},"a":[[1,2],"x",[ ]]}');
    const { fields } = scan(body, CHECKS);
    expect([...fields.values()].map(({ start }) => kindAt(body, start))).toEqual([
      "string",
      "number",
      "boolean",
      "null",
      "object",
      "array",
    ]);
    expect(readString(body, fields.get("s") ?? { start: 0, end: 0 })).toBe("éé");
    expect(readNumber(body, fields.get("n"))).toBe(-25);
    expect(readNumber(body, fields.get("s"))).toBeUndefined();
    expect(elements(body, fields.get("a") ?? { start: 0, end: 0 }).map(({ count }) => count)).toEqual([2, 0, 0]);
  });

  it("has no answer for a string whose escapes are none", () => {
    const body = Buffer.from('{"s":"\\x"}');
    expect(readString(body, { start: 5, end: 9 })).toBeUndefined();
  });
});
