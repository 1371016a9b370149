import { describe, expect, it } from "vitest";
import { SchemaError, smallestDocument } from "../../../src/simulator/schema-document.ts";

describe("smallestDocument", () => {
  it.each([
    [{ type: "object", properties: { a: { type: "string" }, b: { type: "integer", minimum: 3 } }, required: ["b"] }, { b: 3 }],
    [{ type: "array", items: { type: "boolean" }, minItems: 2 }, [true, true]],
    [{ type: "array" }, []],
    [{ enum: ["x", "y"] }, "x"],
    [{ const: null }, null],
    [{ type: ["null", "string"] }, null],
    [{ anyOf: [{ type: "number", exclusiveMinimum: 1 }, { type: "null" }] }, 2],
    [{ type: "string", minLength: 10, maxLength: 12 }, "harbouraaa"],
    [{ type: "string", maxLength: 2 }, "ha"],
    [{ type: "string", format: "date" }, "2026-01-01"],
    [{ type: "number", maximum: -1.5 }, -2],
    [{ $ref: "#/$defs/n", $defs: { n: { type: "integer" } } }, 0],
    [{ allOf: [{ type: "object" }, { properties: { a: { type: "null" } }, required: ["a"] }] }, { a: null }],
  ])("of %j is %j", (schema, document) => {
    expect(smallestDocument(schema)).toEqual(document);
  });

  it("does not build what has no end or no measure", () => {
    const wide = { type: "array", minItems: 60, items: { type: "array", minItems: 60, items: { type: "array", minItems: 60 } } };
    expect(() => smallestDocument(wide)).toThrow("too large");
    expect(() => smallestDocument({ $ref: "#" })).toThrow("too deeply");
  });

  it.each([[{ type: "nope" }], [7], [{ $ref: "other.json" }], [{ $ref: "#" }], [{ $ref: "#/missing" }]])("refuses %j", (schema) => {
    expect(() => smallestDocument(schema)).toThrow(SchemaError);
  });
});
