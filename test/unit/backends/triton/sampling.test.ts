import { describe, expect, it } from "vitest";
import { samplingParameters } from "../../../../src/backends/triton/sampling.ts";
import { callOf, chat, MODEL } from "../support.ts";

const sampled = (body: Readonly<Record<string, unknown>>, call = chat()) => JSON.parse(samplingParameters(call, MODEL, body));

describe("samplingParameters", () => {
  it("passes on what the engine knows, by the same name", () => {
    const body = { temperature: 0.5, top_p: 0.9, min_p: 0, top_k: 40, presence_penalty: 1, frequency_penalty: -1, repetition_penalty: 1.1 };
    const more = { seed: 7, min_tokens: 1, ignore_eos: true, skip_special_tokens: false };
    expect(sampled({ ...body, ...more })).toEqual({ max_tokens: MODEL.contextTokensMax, ...body, ...more });
  });

  it("drops what is read elsewhere, has no effect, or asks for nothing", () => {
    const elsewhere = { model: "m", messages: [], prompt: "x", stream: true, stream_options: {}, max_tokens: 5, max_completion_tokens: 5 };
    const idle = {
      user: "u",
      metadata: {},
      store: true,
      service_tier: "auto",
      safety_identifier: "x",
      prompt_cache_key: "x",
      parallel_tool_calls: true,
    };
    const neutral = {
      n: 1,
      best_of: 1,
      logprobs: false,
      top_logprobs: 0,
      response_format: { type: "text" },
      tools: [],
      tool_choice: "auto",
      echo: false,
    };
    expect(
      Object.keys(sampled({ ...elsewhere, ...idle, ...neutral, suffix: "", logit_bias: {}, modalities: ["text"], seed: null })),
    ).toEqual(["max_tokens"]);
  });

  it.each([
    ["n", 2],
    ["n", "1"],
    ["logprobs", true],
    ["tool_choice", "required"],
    ["response_format", { type: "json_object" }],
    ["modalities", ["text", "audio"]],
    ["logit_bias", { "5": 1 }],
    ["new_thing", 1],
    ["__proto__x", 1],
  ])("refuses %s as %j instead of dropping it", (name, value) => {
    expect(() => sampled({ [name]: value })).toThrow(expect.objectContaining({ fault: "unsupported_parameter", param: name }));
  });

  it.each([
    ["temperature", "1"],
    ["top_k", 1.5],
    ["seed", "7"],
    ["ignore_eos", 1],
    ["stop", 5],
    ["stop", ["a", 5]],
  ])("refuses %s as %j by its type", (name, value) => {
    expect(() => sampled({ [name]: value })).toThrow(expect.objectContaining({ fault: "invalid_type", param: name }));
  });

  it("takes one stop text or several", () => {
    expect(sampled({ stop: "END" }).stop).toEqual(["END"]);
    expect(sampled({ stop: ["a", "b"] }).stop).toEqual(["a", "b"]);
  });

  it("always says how many tokens: what was asked, OpenAI's default, never more than the model's own bound", () => {
    const bounded = { ...MODEL, completionTokensMax: 100 };
    const tokens = (call: ReturnType<typeof chat>, model = MODEL) => JSON.parse(samplingParameters(call, model, {})).max_tokens;
    expect(tokens(chat())).toBe(MODEL.contextTokensMax);
    expect(tokens(chat(), bounded)).toBe(100);
    expect(tokens(chat({ max_tokens: 7 }), bounded)).toBe(7);
    expect(tokens(chat({ max_tokens: 700 }), bounded)).toBe(100);
    expect(tokens(callOf("completions", { model: "acme/small", prompt: "x" }))).toBe(16);
  });
});
