import { describe, expect, it } from "vitest";
import { inputsOf, type Wanted } from "../../../../src/backends/triton/inputs.ts";
import type { Sampling } from "../../../../src/backends/triton/sampling.ts";
import { shapeOf } from "../../../../src/backends/triton/shape.ts";
import { changed, configOf } from "./support.ts";

const SAMPLING: Sampling = { tokensMax: 9, choices: 1, stop: [], logprobs: undefined, parameters: new Map() };
const SCHEMA = { kind: "schema", schema: { type: "object" }, param: "response_format" } as const;

function inputs(config: string, sampling: Partial<Sampling> = {}, more: Partial<Wanted> = {}) {
  const shape = shapeOf(config);
  if (shape === undefined || shape.kind === "embedding") throw new Error("no text model");
  const wanted = { prompt: "hi", guide: undefined, guideName: "structured_outputs", turnEnds: [], showSpecial: false, ...more } as const;
  return inputsOf({ ...wanted, sampling: { ...SAMPLING, ...sampling } }, shape);
}
const given = (...entries: readonly (readonly [string, number | boolean])[]) => ({ parameters: new Map(entries) });
const refused = (param: string, fault = "unsupported_parameter") => expect.objectContaining({ fault, param });

describe("the vLLM backend", () => {
  const vllm = configOf("vllm_model");
  const sampled = (sampling: Partial<Sampling>, more: Partial<Wanted> = {}) =>
    JSON.parse(String(inputs(vllm, sampling, more)["sampling_parameters"]));

  it("takes its sampling parameters as one text", () => {
    expect(inputs(vllm, { stop: ["a"], ...given(["temperature", 0]) })).toEqual({
      text_input: "hi",
      stream: true,
      exclude_input_in_output: true,
      sampling_parameters: '{"max_tokens":9,"temperature":0,"stop":["a"]}',
      return_finish_reason: true,
      return_num_input_tokens: true,
      return_num_output_tokens: true,
    });
  });

  it("takes several answers, log probabilities, and marks in its text", () => {
    expect(sampled({ choices: 2 })).toMatchObject({ n: 2 });
    expect(sampled({ logprobs: 3 })).toMatchObject({ logprobs: 3 });
    expect(inputs(vllm, { logprobs: 0 })["return_logprobs"]).toBe(true);
    expect(sampled({}, { showSpecial: true })).toMatchObject({ skip_special_tokens: false });
  });

  it("takes a guide as a text inside the text, under the name that its release knows", () => {
    expect(sampled({}, { guide: SCHEMA })).toEqual({ max_tokens: 9, structured_outputs: '{"json":{"type":"object"}}' });
    expect(sampled({}, { guide: { kind: "json" }, guideName: "guided_decoding" })).toMatchObject({
      guided_decoding: '{"json_object":true}',
    });
    expect(() => sampled({}, { guide: SCHEMA, guideName: "none" })).toThrow(refused("response_format"));
  });

  it("does without the outputs that an older release lacks", () => {
    const inputsOfOld = ["text_input", "stream", "sampling_parameters", "exclude_input_in_output"].map((name) => ({
      name,
      data_type: "TYPE_STRING",
    }));
    const old = changed("vllm_model", { input: inputsOfOld });
    expect(Object.keys(inputs(old))).toEqual(["text_input", "stream", "exclude_input_in_output", "sampling_parameters"]);
    expect(() => inputs(old, { logprobs: 1 })).toThrow(refused("logprobs"));
  });
});

describe("TensorRT-LLM", () => {
  const bls = configOf("tensorrt_llm_bls");

  it("takes each parameter as a tensor, and the number of tokens always", () => {
    const sampling = { stop: ["a"], ...given(["temperature", 0.5], ["top_p", 1], ["seed", 7], ["min_tokens", 2]) };
    expect(inputs(bls, sampling, { turnEnds: ["</s>"] })).toEqual({
      text_input: "hi",
      max_tokens: 9,
      stream: true,
      exclude_input_in_output: true,
      return_num_input_tokens: true,
      return_num_output_tokens: true,
      stop_words: ["a", "</s>"],
      temperature: 0.5,
      top_p: 1,
      seed: 7,
      min_tokens: 2,
    });
  });

  it("is told to take the best token where it would divide by a temperature of 0", () => {
    const made = inputs(bls, given(["temperature", 0], ["top_k", 5]));
    expect([made["top_k"], made["temperature"]]).toEqual([1, undefined]);
  });

  it("may know tensors by their older names, or not at all", () => {
    const old = changed("tensorrt_llm_bls", {
      input: ["text_input", "max_tokens", "random_seed", "min_length"].map((name) => ({ name, data_type: "TYPE_INT32" })),
    });
    expect(inputs(old, { stop: ["a"], ...given(["seed", 1], ["min_tokens", 2]) })).toEqual({
      text_input: "hi",
      max_tokens: 9,
      random_seed: 1,
      min_length: 2,
    });
    expect(() => inputs(old, given(["top_p", 0.5]))).toThrow(refused("top_p"));
  });

  it("answers once where it is not decoupled", () => {
    expect(inputs(changed("tensorrt_llm_bls", { model_transaction_policy: { decoupled: false } }))["stream"]).toBe(false);
  });

  it.each([
    [{ choices: 2 }, {}, "n"],
    [{ logprobs: 0 }, {}, "logprobs"],
    [given(["min_p", 0.1]), {}, "min_p"],
    [given(["ignore_eos", true]), {}, "ignore_eos"],
    [{}, { guide: SCHEMA }, "response_format"],
    [{}, { showSpecial: true }, "tools"],
  ] as const)("cannot do %j %j", (sampling, more, param) => {
    expect(() => inputs(bls, sampling, more)).toThrow(refused(param));
  });

  it.each([-1, 2 ** 60])("takes no seed of %d, which would be a 500", (seed) => {
    expect(() => inputs(bls, given(["seed", seed]))).toThrow(refused("seed", "invalid_value"));
  });

  it("takes a guide where its release has one", () => {
    const { input }: { readonly input: readonly object[] } = JSON.parse(bls);
    const names = ["guided_decoding_guide_type", "guided_decoding_guide"].map((name) => ({
      name,
      data_type: "TYPE_STRING",
      optional: true,
    }));
    const guided = changed("tensorrt_llm_bls", { input: [...input, ...names] });
    expect(inputs(guided, {}, { guide: SCHEMA })).toMatchObject({
      guided_decoding_guide_type: "json_schema",
      guided_decoding_guide: '{"type":"object"}',
    });
    const json = inputs(guided, {}, { guide: { kind: "json" } });
    expect([json["guided_decoding_guide_type"], json["guided_decoding_guide"]]).toEqual(["json", undefined]);
  });
});

describe("an LLM API model", () => {
  const llmapi = configOf("llmapi");

  it("has names of its own", () => {
    expect(inputs(llmapi, { stop: ["a"], ...given(["seed", 7], ["temperature", 0]) })).toEqual({
      text_input: "hi",
      streaming: true,
      sampling_param_max_tokens: 9,
      sampling_param_exclude_input_from_output: true,
      return_finish_reason: true,
      sampling_param_stop: ["a"],
      sampling_param_seed: 7,
      sampling_param_top_k: 1,
    });
  });

  it.each([
    [{ choices: 2 }, {}, "n"],
    [given(["top_p", 0.5]), {}, "top_p"],
    [{}, { guide: { ...SCHEMA, param: "tool_choice" } }, "tool_choice"],
  ] as const)("cannot do %j %j", (sampling, more, param) => {
    expect(() => inputs(llmapi, sampling, more)).toThrow(refused(param));
  });
});
