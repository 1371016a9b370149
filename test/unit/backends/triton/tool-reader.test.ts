import { describe, expect, it } from "vitest";
import { ToolReader, type ToolUse } from "../../../../src/backends/triton/tool-reader.ts";

const F = { name: "f", arguments: '{"a":1}' };
const JSON_F = '{"name":"f","arguments":{"a":1}}';
const free = (format: "hermes" | "llama3" | "mistral"): ToolUse => ({ kind: "free", format });

/** Texts and calls of an answer, whole and a character at a time. */
function read(use: ToolUse, text: string) {
  const [whole, bytewise] = [[text], [...text]].map((pieces) => {
    const reader = new ToolReader(use);
    let said = "";
    for (const piece of pieces) said += reader.push(piece);
    said += reader.end();
    return { said, calls: reader.drain(), count: reader.count };
  });
  expect(bytewise).toEqual(whole);
  return [whole?.said, whole?.calls];
}

describe("hermes", () => {
  it.each([
    [`<tool_call>\n${JSON_F}\n</tool_call>`, "", [F]],
    [`Let me look.\n\n<tool_call>${JSON_F}</tool_call>`, "Let me look.", [F]],
    [`<tool_call>${JSON_F}</tool_call>\n<tool_call>${JSON_F}</tool_call>`, "", [F, F]],
    [`<tool_call>${JSON_F}`, "", [F]],
    ["a <tool_ b", "a <tool_ b", []],
    ["a <tool_call>no</tool_call> b", "a <tool_call>no</tool_call> b", []],
    ["a <tool_call>no", "a <tool_call>no", []],
    ["plain  ", "plain  ", []],
  ])("%j", (text, said, calls) => {
    expect(read(free("hermes"), text)).toEqual([said, calls]);
  });

  it("gives a call as soon as it has ended, and text as soon as it is none", () => {
    const reader = new ToolReader(free("hermes"));
    expect([reader.push("ab"), reader.drain()]).toEqual(["ab", []]);
    expect([reader.push(`<tool_call>${JSON_F}`), reader.drain(), reader.held]).toEqual(["", [], JSON_F.length]);
    expect([reader.push("</tool_call>"), reader.drain(), reader.count]).toEqual(["", [F], 1]);
    expect([reader.end(), reader.drain()]).toEqual(["", []]);
  });
});

describe("llama3", () => {
  it.each([
    ['{"name":"f","parameters":{"a":1}}', "", [F]],
    ['<|python_tag|>{"name":"f","parameters":{"a":1}}', "", [F]],
    ["Rome {is} big", "Rome {is} big", []],
    ['{"city":"Rome"}', '{"city":"Rome"}', []],
    ["<|python", "<|python", []],
    ["", "", []],
  ])("%j", (text, said, calls) => {
    expect(read(free("llama3"), text)).toEqual([said, calls]);
  });

  it("lets plain text pass from its first character on", () => {
    const reader = new ToolReader(free("llama3"));
    expect([reader.push(" R"), reader.push("ome {")]).toEqual([" R", "ome {"]);
  });
});

describe("mistral", () => {
  it.each([
    ['Sure.[TOOL_CALLS][{"name":"f","arguments":{"a":1}}]', "Sure.", [F]],
    ["[TOOL_CALLS]no", "[TOOL_CALLS]no", []],
    ["a [TOOL b", "a [TOOL b", []],
  ])("%j", (text, said, calls) => {
    expect(read(free("mistral"), text)).toEqual([said, calls]);
  });
});

describe("calls that the model was made to write", () => {
  it("are the arguments of the named tool, as far as they came", () => {
    expect(read({ kind: "one", name: "f" }, '{"a":1}')).toEqual(["", [F]]);
    expect(read({ kind: "one", name: "f" }, '{"a":')).toEqual(["", [{ name: "f", arguments: '{"a":' }]]);
  });

  it("are a list of calls, or text when it was cut off", () => {
    expect(read({ kind: "list" }, '[{"name":"f","parameters":{"a":1}}]')).toEqual(["", [F]]);
    expect(read({ kind: "list" }, '[{"name":"f"')).toEqual(['[{"name":"f"', []]);
  });
});
