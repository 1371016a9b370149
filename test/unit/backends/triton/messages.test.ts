import { describe, expect, it } from "vitest";
import { readMessages, readToolChoice, readTools } from "../../../../src/backends/triton/messages.ts";

const call = (given: unknown) => ({ id: "c1", type: "function", function: { name: "f", arguments: given } });
const history = (given: unknown) => [{ role: "assistant", content: null, tool_calls: [call(given)] }];

describe("messages", () => {
  it("are plain texts by the roles that templates know", () => {
    const messages = [
      { role: "developer", content: "short", name: "ann" },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      { role: "assistant", content: null, tool_calls: null, audio: null },
    ];
    expect(readMessages(messages, false)).toEqual([
      { role: "system", content: "short", name: "ann" },
      { role: "user", content: "ab" },
      { role: "assistant", content: "" },
    ]);
  });

  it("hold calls with their arguments as objects, and what came of them", () => {
    const messages = [...history('{"a":1}'), { role: "tool", tool_call_id: "c1", content: "42" }];
    expect(readMessages(messages, true)).toEqual([
      { role: "assistant", content: "", tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: { a: 1 } } }] },
      { role: "tool", content: "42", tool_call_id: "c1" },
    ]);
    expect(readMessages(history(" "), true)[0]?.tool_calls?.[0]?.function.arguments).toEqual({});
    expect(readMessages([{ role: "assistant", content: "x", tool_calls: [] }], false)).toEqual([{ role: "assistant", content: "x" }]);
  });

  it.each<readonly [unknown, string, string]>([
    ["hi", "invalid_type", "messages"],
    [[5], "invalid_type", "messages[0]"],
    [[{ content: "x" }], "invalid_type", "messages[0].role"],
    [[{ role: "wizard", content: "x" }], "unsupported_parameter", "messages[0].role"],
    [[{ role: "user", content: "x", audio: {} }], "unsupported_parameter", "messages[0].audio"],
    [[{ role: "assistant", content: "x", function_call: {} }], "unsupported_parameter", "messages[0].function_call"],
    [[{ role: "user", content: 5 }], "invalid_type", "messages[0].content"],
    [[{ role: "user", content: [5] }], "invalid_type", "messages[0].content[0]"],
    [[{ role: "user", content: [{ type: "image_url" }] }], "unsupported_parameter", "messages[0].content[0].type"],
    [[{ role: "user", content: [{ type: "text", text: "a" }, { type: "text" }] }], "invalid_type", "messages[0].content[1].text"],
    [[{ role: "assistant", tool_calls: 5 }], "invalid_type", "messages[0].tool_calls"],
    [[{ role: "assistant", tool_calls: [{}] }], "invalid_type", "messages[0].tool_calls[0]"],
    [[{ role: "assistant", tool_calls: [{ function: {} }] }], "invalid_type", "messages[0].tool_calls[0].function.name"],
    [history(5), "invalid_type", "messages[0].tool_calls[0].function.arguments"],
    [history("{"), "invalid_value", "messages[0].tool_calls[0].function.arguments"],
    [history("[1]"), "invalid_value", "messages[0].tool_calls[0].function.arguments"],
  ])("%j", (messages, fault, param) => {
    expect(() => readMessages(messages, true)).toThrow(expect.objectContaining({ fault, param }));
  });

  it("tell of tools only to templates that can write them", () => {
    expect(() => readMessages([{ role: "tool", content: "x" }], false)).toThrow(expect.objectContaining({ param: "messages[0].role" }));
    expect(() => readMessages(history("{}"), false)).toThrow(expect.objectContaining({ param: "messages[0].tool_calls" }));
  });
});

describe("tools", () => {
  it("have a name and a schema, an empty one by default", () => {
    const [tool] = readTools([{ type: "function", function: { name: "f" } }]);
    expect(tool).toMatchObject({ name: "f", parameters: { type: "object" }, described: { type: "function" } });
    expect([readTools(undefined), readTools(null), readTools([])]).toEqual([[], [], []]);
  });

  it.each<readonly [unknown, string]>([
    [5, "tools"],
    [[5], "tools[0]"],
    [[{ type: "web_search" }], "tools[0].type"],
    [[{ type: "function" }], "tools[0].function"],
    [[{ type: "function", function: {} }], "tools[0].function.name"],
    [[{ type: "function", function: { name: "f", parameters: 5 } }], "tools[0].function.parameters"],
  ])("%j is refused at %s", (tools, param) => {
    expect(() => readTools(tools)).toThrow(expect.objectContaining({ param }));
  });
});

describe("the choice of a tool", () => {
  const tools = readTools([{ type: "function", function: { name: "f" } }]);
  const named = (name: string) => ({ type: "function", function: { name } });

  it("is the model's where there are tools, and nobody's where there are none", () => {
    expect([readToolChoice(undefined, tools).kind, readToolChoice(null, []).kind]).toEqual(["auto", "none"]);
    expect([readToolChoice("auto", []).kind, readToolChoice("none", tools).kind]).toEqual(["none", "none"]);
    expect(readToolChoice("required", tools).kind).toBe("required");
    expect(readToolChoice(named("f"), tools)).toMatchObject({ kind: "named", tool: { name: "f" } });
  });

  it.each<readonly [unknown, boolean, string]>([
    ["required", false, "invalid_value"],
    [named("f"), false, "invalid_value"],
    [named("g"), true, "invalid_value"],
    ["sometimes", true, "unsupported_parameter"],
    [{ type: "allowed_tools" }, true, "unsupported_parameter"],
  ])("%j with tools: %s is %s", (choice, withTools, fault) => {
    expect(() => readToolChoice(choice, withTools ? tools : [])).toThrow(expect.objectContaining({ fault, param: "tool_choice" }));
  });
});
