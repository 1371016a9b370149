import { describe, expect, it } from "vitest";
import { Fields, readFields } from "../../../../src/simulator/vllm/fields.ts";
import { Refusal } from "../../../../src/simulator/vllm/refusal.ts";

const fields = new Fields({ n: "3", half: 1.5, yes: true, no: null, list: [1], object: { a: 1 } }, "body");

describe("Fields", () => {
  it("reads what has the type, numbers in strings too, and takes null for absent", () => {
    expect([fields.integer("n"), fields.number("half"), fields.boolean("yes"), fields.string("no"), fields.list("list")]).toEqual([
      3,
      1.5,
      true,
      undefined,
      [1],
    ]);
    expect(fields.object("object")?.integer("a")).toBe(1);
    expect([fields.has("no"), fields.any("no")]).toEqual([true, undefined]);
  });

  it.each([
    () => fields.integer("half"),
    () => fields.boolean("n"),
    () => fields.string("half"),
    () => fields.list("object"),
    () => fields.object("list"),
    () => fields.number("yes"),
  ])("refuses the wrong type (%#)", (read) => {
    expect(read).toThrow(Refusal);
  });
});

it("reads a body with or without a content type", () => {
  expect(readFields(Buffer.from('{"a":"b"}'), () => undefined).string("a")).toBe("b");
  expect(readFields(Buffer.from('{"a":"b"}'), () => "application/json; charset=utf-8").string("a")).toBe("b");
});
