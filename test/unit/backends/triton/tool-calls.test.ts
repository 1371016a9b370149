import { describe, expect, it } from "vitest";
import { callsIn, callsInRest } from "../../../../src/backends/triton/tool-calls.ts";

const F = { name: "f", arguments: '{"a":1}' };

describe("calls as JSON", () => {
  it.each([
    ['{"name":"f","arguments":{"a":1}}', [F]],
    ['{"name":"f","parameters":{"a":1}}', [F]],
    ['{"name":"f","arguments":"{\\"a\\":1}"}', [F]],
    ['{"name":"f"}', [{ name: "f", arguments: "{}" }]],
    ['[{"name":"f","arguments":{"a":1}},{"name":"g"}]', [F, { name: "g", arguments: "{}" }]],
  ])("%s", (text, calls) => {
    expect(callsIn(text)).toEqual(calls);
  });

  it.each(["", "no", "{}", "[]", "null", '{"name":""}', '{"name":5}', '{"name":"f","arguments":5}', '[{"name":"f"},{}]', '{"name":"f"'])(
    "%j is none",
    (text) => {
      expect(callsIn(text)).toBeUndefined();
    },
  );
});

describe("calls in the rest of an answer", () => {
  it.each([
    ["llama3", '<|python_tag|>{"name":"f","parameters":{"a":1}}', [F]],
    ["llama3", ' {"name":"f","parameters":{"a":1}}; {"name":"f","parameters":{"a":1}}', [F, F]],
    ["llama3", '{"city":"Rome"}', undefined],
    ["mistral", '[TOOL_CALLS][{"name":"f","arguments":{"a":1}},{"name":"f","arguments":{"a":1}}]', [F, F]],
    ["mistral", '[TOOL_CALLS]f[ARGS]{"a":1}[TOOL_CALLS]f{"a":1}', [F, F]],
    ["mistral", "[TOOL_CALLS]f[ARGS]{", undefined],
    ["mistral", "[TOOL_CALLS]", undefined],
  ] as const)("of %s: %s", (format, text, calls) => {
    expect(callsInRest(format, text)).toEqual(calls);
  });
});
