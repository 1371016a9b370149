import { describe, expect, it } from "vitest";
import { between, chatTools, checkToolChoice, checkTools } from "../../../../src/openai/responses/tools.ts";
import { callOf, chatOf, refusedFor } from "./support.ts";

const f = { type: "function", name: "f", description: "does", parameters: { type: "object" }, strict: true };
const g = { type: "function", name: "g", parameters: null };

describe("tools", () => {
  it.each<[string, object, string, string]>([
    ["a search", { tools: [{ type: "web_search" }] }, "unsupported_parameter", "tools[0].type"],
    [
      "a server of somebody's",
      { tools: [f, { type: "mcp", server_url: "https://evil.example" }] },
      "unsupported_parameter",
      "tools[1].type",
    ],
    ["a computer", { tools: [{ type: "computer_use_preview" }] }, "unsupported_parameter", "tools[0].type"],
    ["a tool of chat's form", { tools: [{ type: "function", function: { name: "f" } }] }, "missing_parameter", "tools[0].name"],
    ["a tool without a type", { tools: [{ name: "f" }] }, "missing_parameter", "tools[0].type"],
    ["a tool that is none", { tools: ["f"] }, "invalid_type", "tools[0]"],
    ["the choice of a hosted tool", { tools: [f], tool_choice: { type: "file_search" } }, "unsupported_parameter", "tool_choice.type"],
    ["a choice without a name", { tools: [f], tool_choice: { type: "function" } }, "missing_parameter", "tool_choice.name"],
    [
      "a choice among nothing",
      { tools: [f], tool_choice: { type: "allowed_tools", mode: "auto" } },
      "missing_parameter",
      "tool_choice.tools",
    ],
  ])("refuses %s", (_, body, fault, param) => {
    const refused = refusedFor(body);
    expect([refused.fault, refused.param]).toEqual([fault, param]);
  });

  it("has the same functions in chat's form", () => {
    const { type, ...members } = f;
    expect(chatOf({ tools: [f, g] })["tools"]).toEqual([
      { type, function: members },
      { type: "function", function: { name: "g" } },
    ]);
  });

  it.each([
    ["auto", "auto", 2],
    ["required", "required", 2],
    [{ type: "function", name: "g" }, { type: "function", function: { name: "g" } }, 2],
    [{ type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "g" }] }, "required", 1],
    [{ type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "g" }] }, "auto", 1],
  ])("chooses %j", (tool_choice, choice, offered) => {
    const chat = chatOf({ tools: [f, g], tool_choice });
    expect([chat["tool_choice"], chat["tools"]]).toEqual([choice, expect.objectContaining({ length: offered })]);
  });

  it("says nothing of tools where there are none, and refuses to allow none of them", () => {
    expect(chatOf({ tools: [], tool_choice: "auto", parallel_tool_calls: true })).not.toHaveProperty("tool_choice");
    expect(() =>
      chatOf({ tools: [f], tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "z" }] } }),
    ).toThrow(/none of them/);
  });

  it("is checked before it is used", () => {
    const body = Buffer.from('[{"type":"function","name":"f"}]');
    expect(() => checkTools(body, { start: 0, end: body.length, count: 1, nested: false })).not.toThrow();
    expect(() => checkToolChoice(Buffer.from('"auto"'), { start: 0, end: 6 })).not.toThrow();
    expect(chatTools(callOf({}).body, new Map())).toEqual({ tools: undefined, choice: undefined });
    expect(Buffer.concat(between([Buffer.from("1"), Buffer.from("2")]).map((each) => Buffer.from(each))).toString()).toBe("1,2");
  });
});
