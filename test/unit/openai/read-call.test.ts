import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import type { Capability } from "../../../src/domain/fleet.ts";
import { readCall } from "../../../src/openai/read-call.ts";
import { ALIAS, CHECKS, faultOf } from "./fixtures.ts";

const resolve = (name: string) => (name === "north-1" ? ALIAS : undefined);
const raw = (capability: Capability, text: string) => readCall(capability, Buffer.from(text), resolve, CHECKS);
const MESSAGES = [{ role: "user", content: "hi" }];
const chat = (more: object) => raw("chat", JSON.stringify({ model: "north-1", messages: MESSAGES, ...more }));
const completions = (more: object) => raw("completions", JSON.stringify({ model: "north-1", prompt: "hi", ...more }));
const embeddings = (more: object) => raw("embeddings", JSON.stringify({ model: "north-1", input: "hi", ...more }));

describe("readCall", () => {
  it("keeps the bytes and reads the few fields", () => {
    const call = chat({ stream: true, stream_options: { include_usage: true }, max_tokens: 7, n: 2 });
    expect(call).toMatchObject({
      stream: true,
      includeUsage: true,
      completionTokensAsked: 7,
      choices: 2,
      alias: ALIAS,
      capability: "chat",
    });
    expect(JSON.parse(call.body.toString())).toHaveProperty("messages");
    expect(call.body[call.closeAt]).toBe(0x7d);
  });

  it("answers the same for every model that the caller cannot use", () => {
    const fault = faultOf(() => chat({ model: "nope" }));
    expect([fault.fault, fault.param, fault.message]).toEqual([
      "model_not_found",
      "model",
      "The model `nope` does not exist or you do not have access to it.",
    ]);
  });

  it.each<[string, () => unknown, string, string, string]>([
    ["model", () => raw("chat", '{"messages":[{}]}'), "missing_parameter", "model", "Missing required parameter: 'model'."],
    ["model null", () => chat({ model: null }), "missing_parameter", "model", "Missing required parameter: 'model'."],
    ["messages", () => raw("chat", '{"model":"north-1"}'), "missing_parameter", "messages", "Missing required parameter: 'messages'."],
    ["prompt", () => raw("completions", '{"model":"north-1"}'), "missing_parameter", "prompt", "Missing required parameter: 'prompt'."],
    ["input", () => raw("embeddings", '{"model":"north-1"}'), "missing_parameter", "input", "Missing required parameter: 'input'."],
    ["tokenize", () => raw("tokenize", '{"model":"north-1"}'), "missing_parameter", "prompt", "Missing required parameter: 'prompt'."],
    [
      "type",
      () => chat({ temperature: "hot" }),
      "invalid_type",
      "temperature",
      "Invalid type for 'temperature': expected a number, but got a string instead.",
    ],
    ["whole", () => chat({ n: 1.5 }), "invalid_type", "n", "Invalid type for 'n': expected an integer, but got a decimal number instead."],
    [
      "array",
      () => chat({ messages: "hi" }),
      "invalid_type",
      "messages",
      "Invalid type for 'messages': expected an array of objects, but got a string instead.",
    ],
    [
      "boolean",
      () => chat({ stream: 1 }),
      "invalid_type",
      "stream",
      "Invalid type for 'stream': expected a boolean, but got a number instead.",
    ],
    [
      "nested",
      () => chat({ stream: true, stream_options: { include_usage: 1 } }),
      "invalid_type",
      "stream_options.include_usage",
      "expected a boolean",
    ],
    ["n 129", () => chat({ n: 129 }), "above_max", "n", "Expected a value <= 128, but got 129 instead."],
    ["n 0", () => chat({ n: 0 }), "below_min", "n", "Expected a value >= 1, but got 0 instead."],
    ["1e9", () => chat({ max_tokens: 1e9 }), "above_max", "max_tokens", "Expected a value <= 10000000"],
    ["0", () => chat({ max_tokens: 0 }), "below_min", "max_tokens", "but got 0"],
    ["negative", () => chat({ max_completion_tokens: -1 }), "below_min", "max_completion_tokens", "but got -1"],
    ["decimal above", () => chat({ top_p: 2 }), "decimal_above_max", "top_p", "decimal above maximum value"],
    ["decimal below", () => chat({ temperature: -0.1 }), "decimal_below_min", "temperature", "decimal below minimum value"],
    [
      "infinite",
      () => raw("chat", '{"model":"north-1","messages":[{}],"temperature":1e999}'),
      "invalid_value",
      "temperature",
      "out of range",
    ],
    ["empty", () => chat({ messages: [] }), "empty_array", "messages", "empty array"],
    [
      "too long",
      () => chat({ messages: Array.from({ length: BOUNDS.messagesMax + 1 }, () => 0) }),
      "array_too_long",
      "messages",
      "maximum length 10000",
    ],
    ["stop", () => chat({ stop: ["a", "b", "c", "d", "e"] }), "array_too_long", "stop", "maximum length 4"],
    ["options", () => chat({ stream_options: {} }), "invalid_value", "stream_options", "only allowed when 'stream' is enabled"],
    ["format", () => embeddings({ encoding_format: "bytes" }), "invalid_value", "encoding_format", "'float' and 'base64'"],
    ["inputs", () => embeddings({ input: Array.from({ length: 2049 }, () => "x") }), "array_too_long", "input", "length 2049"],
    ["no inputs", () => embeddings({ input: [] }), "empty_array", "input", "empty array"],
    ["long model", () => chat({ model: "m".repeat(300) }), "invalid_value", "model", "string too long"],
  ])("refuses %s", (_, run, fault, param, text) => {
    const thrown = faultOf(run);
    expect([thrown.fault, thrown.param]).toEqual([fault, param]);
    expect(thrown.message).toContain(text);
  });

  it("takes null for whatever is optional, unknown parameters, and vLLM's wider ranges", () => {
    expect(() => chat({ temperature: null, n: null, stop: null, stream_options: null, stream: null, tools: null })).not.toThrow();
    expect(() => chat({ temperature: 5, top_k: -1, guided_json: {}, top_logprobs: -1, stop: "x", nonsense: [1] })).not.toThrow();
    expect(() => completions({ max_tokens: 0, echo: true, logprobs: 20 })).not.toThrow();
    expect(chat({ max_tokens: 8.0 }).completionTokensAsked).toBe(8);
  });

  it("estimates prompts from bytes, and from the count where they are token ids", () => {
    const content = "x".repeat(4000);
    const call = chat({ messages: [{ role: "user", content }] });
    expect(call.promptTokensEstimate).toBeGreaterThan(1000);
    expect(call.promptTokensEstimate).toBeLessThan(1020);
    expect(call.promptTokensMax).toBeGreaterThanOrEqual(4000 + BOUNDS.templateTokensMax);
    expect(completions({ prompt: [1, 2, 300] }).promptTokensEstimate).toBe(3);
    expect(embeddings({ input: [[1, 2], [3], [4, 5, 6]] }).promptTokensEstimate).toBe(6);
    expect(embeddings({ input: Array.from({ length: 3000 }, (_, i) => i) }).promptTokensEstimate).toBe(3000);
    expect(completions({ prompt: ["x".repeat(400), [1]] }).promptTokensEstimate).toBeGreaterThan(100);
    expect(embeddings({ input: "" }).promptTokensEstimate).toBe(1);
  });

  it("bounds what a picture may become, and only where there is one", () => {
    const part = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
    const seen = chat({ messages: [{ role: "user", content: [part, part] }] });
    expect(seen.promptTokensMax).toBeGreaterThan(2 * BOUNDS.mediaPartTokensMax);
    expect(chat({ messages: [{ role: "user", content: '"image_url"' }] }).promptTokensMax).toBeLessThan(2 * BOUNDS.templateTokensMax);
  });

  it("counts choices: n or best_of times prompts", () => {
    expect(completions({ prompt: ["a", "b", "c"], n: 2 }).choices).toBe(6);
    expect(completions({ prompt: ["a", "b"], n: 1, best_of: 4 }).choices).toBe(8);
    expect(completions({ prompt: [1, 2, 3], n: 2 }).choices).toBe(2);
    expect(embeddings({ input: ["a", "b"] })).toMatchObject({ choices: 1, completionTokensAsked: 0, stream: false });
    expect(chat({ max_tokens: 5, max_completion_tokens: 9 }).completionTokensAsked).toBe(9);
    expect(chat({}).completionTokensAsked).toBeUndefined();
  });

  it("holds no usage for a caller that streams without asking", () => {
    expect(chat({ stream: true }).includeUsage).toBe(false);
    expect(chat({ stream: true, stream_options: { include_usage: false } }).includeUsage).toBe(false);
  });
});
