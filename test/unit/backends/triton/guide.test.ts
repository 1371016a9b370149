import { describe, expect, it } from "vitest";
import { guideOf, guideParam } from "../../../../src/backends/triton/guide.ts";
import { readToolChoice, readTools } from "../../../../src/backends/triton/messages.ts";

const SCHEMA = { type: "object", properties: { a: { type: "integer" } } };
const TOOLS = readTools([
  { type: "function", function: { name: "f", parameters: SCHEMA } },
  { type: "function", function: { name: "g" } },
]);
const NONE = { kind: "none" } as const;
const choice = (given: unknown) => readToolChoice(given, TOOLS);

describe("what an answer has to look like", () => {
  it("is free unless something is asked", () => {
    for (const format of [undefined, null, { type: "text" }]) expect(guideOf(format, NONE, [])).toBeUndefined();
    expect(guideOf(undefined, choice("auto"), TOOLS)).toBeUndefined();
  });

  it("is JSON, or JSON by a schema", () => {
    expect(guideOf({ type: "json_object" }, NONE, [])).toEqual({ kind: "json" });
    expect(guideOf({ type: "json_schema", json_schema: { name: "x", schema: SCHEMA } }, NONE, [])).toEqual({
      kind: "schema",
      schema: SCHEMA,
      param: "response_format",
    });
  });

  it("is the arguments of the tool that is named, or a list of calls where one must come", () => {
    expect(guideOf(undefined, choice({ type: "function", function: { name: "f" } }), TOOLS)).toEqual({
      kind: "schema",
      schema: SCHEMA,
      param: "tool_choice",
    });
    const required = guideOf(undefined, choice("required"), TOOLS);
    expect(required).toMatchObject({ kind: "schema", param: "tool_choice", schema: { type: "array", minItems: 1 } });
    expect(JSON.stringify(required)).toContain('"enum":["g"]');
  });

  it.each([
    [{ type: "grammar" }, "response_format.type", "unsupported_parameter"],
    ["json", "response_format", "invalid_type"],
    [{ type: "json_schema" }, "response_format.json_schema.schema", "missing_parameter"],
  ])("%j is refused at %s", (format, param, fault) => {
    expect(() => guideOf(format, NONE, [])).toThrow(expect.objectContaining({ fault, param }));
  });

  it("cannot be both free to call and bound to a form", () => {
    expect(() => guideOf({ type: "json_object" }, choice("auto"), TOOLS)).toThrow(expect.objectContaining({ param: "response_format" }));
  });

  it("is blamed on the parameter that asked for it", () => {
    expect(guideParam({ kind: "json" })).toBe("response_format");
    expect(guideParam({ kind: "schema", schema: {}, param: "tool_choice" })).toBe("tool_choice");
  });
});
