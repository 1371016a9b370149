import { describe, expect, it } from "vitest";
import { readSampling } from "../../../../src/backends/triton/sampling.ts";
import { callOf, chat, MODEL } from "../support.ts";

const read = (body: Readonly<Record<string, unknown>>, call = chat()) => readSampling(call, MODEL, body);
const completion = () => callOf("completions", { model: "acme/small", prompt: "x" });

describe("readSampling", () => {
  it("reads what samplers know, by OpenAI's and vLLM's names", () => {
    const body = { temperature: 0.5, top_p: 0.9, min_p: 0, top_k: 40, presence_penalty: 1, frequency_penalty: -1, repetition_penalty: 1.1 };
    const more = { seed: 7, min_tokens: 1, ignore_eos: true, skip_special_tokens: false };
    expect(Object.fromEntries(read({ ...body, ...more }).parameters)).toEqual({ ...body, ...more });
  });

  it("drops what is read elsewhere, has no effect, or asks for nothing", () => {
    const elsewhere = { model: "m", messages: [], prompt: "x", stream: true, stream_options: {}, max_tokens: 5, max_completion_tokens: 5 };
    const chatOnly = { tools: [], tool_choice: "auto", response_format: { type: "text" }, chat_template_kwargs: {} };
    const idle = {
      user: "u",
      metadata: {},
      store: true,
      service_tier: "auto",
      safety_identifier: "x",
      prompt_cache_key: "x",
      parallel_tool_calls: true,
    };
    const neutral = { n: 1, best_of: 1, logprobs: false, echo: false, suffix: "", logit_bias: {}, modalities: ["text"], seed: null };
    const { parameters, logprobs, stop, choices } = read({ ...elsewhere, ...chatOnly, ...idle, ...neutral });
    expect([parameters.size, logprobs, stop, choices]).toEqual([0, undefined, [], 1]);
  });

  it.each([
    ["modalities", ["text", "audio"]],
    ["logit_bias", { "5": 1 }],
    ["best_of", 2],
    ["new_thing", 1],
    ["__proto__x", 1],
  ])("refuses %s as %j instead of dropping it", (name, value) => {
    expect(() => read({ [name]: value })).toThrow(expect.objectContaining({ fault: "unsupported_parameter", param: name }));
  });

  it("has tools and forms in chat alone", () => {
    for (const name of ["tools", "tool_choice", "response_format", "chat_template_kwargs"])
      expect(() => read({ [name]: {} }, completion())).toThrow(expect.objectContaining({ fault: "unsupported_parameter", param: name }));
  });

  it.each([
    ["temperature", "1", "invalid_type"],
    ["top_k", 1.5, "invalid_type"],
    ["seed", "7", "invalid_type"],
    ["ignore_eos", 1, "invalid_type"],
    ["stop", 5, "invalid_type"],
    ["stop", ["a", 5], "invalid_type"],
    ["stop", ["a", ""], "invalid_value"],
    ["top_logprobs", 3, "invalid_value"],
    ["top_logprobs", -1, "invalid_value"],
  ])("refuses %s as %j: %s", (name, value, fault) => {
    expect(() => read({ [name]: value })).toThrow(expect.objectContaining({ fault, param: name }));
  });

  it("takes one stop text or several", () => {
    expect(read({ stop: "END" }).stop).toEqual(["END"]);
    expect(read({ stop: ["a", "b"] }).stop).toEqual(["a", "b"]);
  });

  it("knows both of OpenAI's ways to ask for log probabilities", () => {
    expect([read({ logprobs: true }).logprobs, read({ logprobs: true, top_logprobs: 5 }).logprobs]).toEqual([0, 5]);
    expect([read({ logprobs: 3 }, completion()).logprobs, read({}, completion()).logprobs]).toEqual([3, undefined]);
    expect(() => read({ logprobs: 21 }, completion())).toThrow(expect.objectContaining({ param: "logprobs" }));
  });

  it("always says how many tokens: what was asked, OpenAI's default, never more than the model's own bound", () => {
    const bounded = { ...MODEL, completionTokensMax: 100 };
    const tokens = (call: ReturnType<typeof chat>, model = MODEL) => readSampling(call, model, {}).tokensMax;
    expect(tokens(chat())).toBe(MODEL.contextTokensMax);
    expect(tokens(chat(), bounded)).toBe(100);
    expect(tokens(chat({ max_tokens: 7 }), bounded)).toBe(7);
    expect(tokens(chat({ max_tokens: 700 }), bounded)).toBe(100);
    expect(tokens(completion())).toBe(16);
  });
});
