import { describe, expect, it } from "vitest";
import { Draft, type GenerateJob } from "../../../../src/backends/triton/draft.ts";
import { TemplateCache } from "../../../../src/backends/triton/prompt.ts";
import { shapeOf } from "../../../../src/backends/triton/shape.ts";
import type { Call } from "../../../../src/domain/call.ts";
import type { ChatTemplate, TritonModel } from "../../../../src/domain/fleet.ts";
import { callOf, chat, CHATML, MODEL } from "../support.ts";
import { configOf, DECLARED } from "./support.ts";

const HERMES: ChatTemplate = { ...CHATML, source: `{% if tools %}<tool_call>{% endif %}${CHATML.source}` };
const MISTRAL: ChatTemplate = { ...CHATML, source: `{% if tools %}[TOOL_CALLS]{% endif %}${CHATML.source}` };
const TOOLS = [{ type: "function", function: { name: "f" } }];

interface Asked {
  readonly model?: string;
  readonly template?: ChatTemplate;
  readonly triton?: Partial<TritonModel>;
}

function job(call: Call, { model = "vllm_model", template = CHATML, triton = {} }: Asked = {}) {
  const shape = shapeOf(configOf(model));
  if (shape === undefined) throw new Error("no shape");
  const served = { model: MODEL, servedName: model, chatTemplate: template, triton: { ...DECLARED, ...triton } };
  return new Draft(call, new TemplateCache()).job(served, shape);
}

function generated(call: Call, asked: Asked = {}): GenerateJob {
  const made = job(call, asked);
  if (made.kind !== "generate") throw new Error("no text");
  return made;
}
const refused = (param: string, fault = "unsupported_parameter") => expect.objectContaining({ fault, param });
const completion = (more: object = {}) => callOf("completions", { model: "acme/small", prompt: "hello", ...more });

describe("a text call", () => {
  it("is a prompt, sampling parameters and a way to read the answer", () => {
    const { inputs, plan, comesWhole } = generated(completion({ max_tokens: 5, stop: "END" }));
    expect(inputs).toMatchObject({ text_input: "hello", stream: true });
    expect(plan).toEqual({
      manner: { accumulates: false, echo: "" },
      stops: [],
      tellsReason: true,
      tokensMax: 5,
      toolUse: undefined,
      logprobs: undefined,
    });
    expect(comesWhole).toBe(false);
  });

  it("has its stops cut here and its turn ended by name where the engine knows neither", () => {
    const { inputs, plan } = generated(chat({ stop: "END" }), { model: "tensorrt_llm_bls" });
    expect(inputs["stop_words"]).toEqual(["END", "<|im_end|>"]);
    expect(plan).toMatchObject({ stops: ["END", "<|im_end|>"], tellsReason: false });
    expect(generated(completion({ stop: "END" }), { model: "tensorrt_llm_bls" }).plan.stops).toEqual(["END"]);
  });

  it("is read without its echo where the model is said to repeat the prompt", () => {
    expect(generated(completion(), { triton: { echoes: true } }).plan.manner.echo).toBe("hello");
  });

  it("is worked out once for each model, and anew when the model is another", () => {
    const shape = shapeOf(configOf("vllm_model"));
    const other = shapeOf(configOf("vllm_model"));
    if (shape === undefined || other === undefined) throw new Error("no shape");
    const draft = new Draft(completion(), new TemplateCache());
    const served = { model: MODEL, servedName: "m", chatTemplate: undefined };
    const first = draft.job(served, shape);
    expect(draft.job(served, shape)).toBe(first);
    expect(draft.job(served, other)).not.toBe(first);
    expect(draft.job({ ...served }, shape)).not.toBe(first);
  });

  it("takes one prompt as a string or as a list of one, and no other", () => {
    expect(generated(completion({ prompt: ["hello"] })).inputs["text_input"]).toBe("hello");
    for (const prompt of [
      ["a", "b"],
      [1, 2],
      [[1], [2]],
    ])
      expect(() => job(completion({ prompt }))).toThrow(refused("prompt"));
    expect(() => job({ ...completion(), body: Buffer.from('{"prompt":5}') })).toThrow(refused("prompt", "invalid_type"));
  });

  it("passes plain variables to the template, and nothing else", () => {
    const template = { ...CHATML, source: "{{ enable_thinking }}" };
    expect(generated(chat({ chat_template_kwargs: { enable_thinking: false } }), { template }).inputs["text_input"]).toBe("false");
    expect(() => job(chat({ chat_template_kwargs: 5 }))).toThrow(refused("chat_template_kwargs", "invalid_type"));
    expect(() => job(chat({ chat_template_kwargs: { x: {} } }))).toThrow(refused("chat_template_kwargs.x", "invalid_type"));
  });
});

describe("tools", () => {
  it("are shown to the model, and its answer is searched for calls in the form that its template shows", () => {
    expect(generated(chat({ tools: TOOLS }), { template: HERMES }).plan.toolUse).toEqual({ kind: "free", format: "hermes" });
    expect(generated(chat({ tools: TOOLS, tool_choice: "none" }), { template: HERMES }).plan.toolUse).toBeUndefined();
    expect(generated(chat({ tools: [] })).plan.toolUse).toBeUndefined();
  });

  it("that must be called are a guide for the engine", () => {
    const named = generated(chat({ tools: TOOLS, tool_choice: { type: "function", function: { name: "f" } } }), { template: HERMES });
    expect(named.plan.toolUse).toEqual({ kind: "one", name: "f" });
    expect(String(named.inputs["sampling_parameters"])).toContain("structured_outputs");
    expect(generated(chat({ tools: TOOLS, tool_choice: "required" }), { template: HERMES }).plan.toolUse).toEqual({ kind: "list" });
    const unguided = { template: HERMES, model: "tensorrt_llm_bls" };
    expect(() => job(chat({ tools: TOOLS, tool_choice: "required" }), unguided)).toThrow(refused("tool_choice"));
  });

  it("are refused where the template cannot show them, or nobody knows how the model calls them", () => {
    expect(() => job(chat({ tools: TOOLS }))).toThrow(refused("tools"));
    const blind = { ...CHATML, source: `{{ tools }}${CHATML.source}` };
    expect(() => job(chat({ tools: TOOLS }), { template: blind })).toThrow(refused("tools"));
    expect(generated(chat({ tools: TOOLS }), { template: blind, triton: { toolFormat: "llama3" } }).plan.toolUse).toMatchObject({
      format: "llama3",
    });
  });

  it("whose mark is a special token need it shown, which only the vLLM backend can be asked for", () => {
    const { inputs } = generated(chat({ tools: TOOLS }), { template: MISTRAL });
    expect(JSON.parse(String(inputs["sampling_parameters"]))).toMatchObject({ skip_special_tokens: false });
    expect(() => job(chat({ tools: TOOLS }), { template: MISTRAL, model: "tensorrt_llm_bls" })).toThrow(refused("tools"));
  });
});

describe("embeddings", () => {
  const embeddings = (more: object = {}) => callOf("embeddings", { model: "acme/small", input: "x", ...more });

  it("go to embedding models, text goes to the others", () => {
    expect(job(embeddings(), { model: "embed_text" })).toMatchObject({ kind: "embedding", base64: false, request: { rows: 1 } });
    expect(job(embeddings({ encoding_format: "base64" }), { model: "embed_text" })).toMatchObject({ base64: true });
    expect(() => job(embeddings())).toThrow(refused("model"));
    expect(() => job(chat(), { model: "embed_text" })).toThrow(refused("model"));
  });
});
