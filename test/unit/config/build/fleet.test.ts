import { describe, expect, it } from "vitest";
import { backendId, modelId, operatorId } from "../../../../src/domain/ids.ts";
import { declared, spoiled } from "../sample.ts";

describe("the fleet", () => {
  it("knows a model by the engine's name", () => {
    const served = (given: string) =>
      declared(spoiled("models: { llama: {} }", `models: { llama: ${given} }`))
        .backends.get(backendId("gpu-1"))
        ?.models.get(modelId("llama"))?.servedName;
    expect(served("{}")).toBe("llama");
    expect(served("meta/Llama")).toBe("meta/Llama");
    expect(served("{ served_name: x }")).toBe("x");
  });

  it("shares one model between backends, and drops trailing slashes of base URLs", () => {
    const estate = declared(spoiled('"http://10.0.0.5:8000"', '"http://10.0.0.5:8000/prefix/"'));
    const backend = estate.backends.get(backendId("gpu-1"));
    expect(backend?.baseUrl).toBe("http://10.0.0.5:8000/prefix");
    expect(backend?.models.get(modelId("llama"))?.model).toBe(estate.models.get(modelId("llama")));
    expect(estate.operators.get(operatorId("acme"))).toEqual({ id: "acme", name: "acme" });
  });

  it("passes chat templates written in place", () => {
    const text = spoiled("engine: vllm", "engine: triton").replace("llama: {} }", 'llama: { chat_template: "{{ x }}" } }');
    expect(declared(text).backends.get(backendId("gpu-1"))?.models.get(modelId("llama"))?.chatTemplate).toEqual({
      source: "{{ x }}",
      bosToken: "",
      eosToken: "",
    });
  });

  it("passes what is stated of a model behind Triton, with the usual for the rest", () => {
    const text = spoiled("engine: vllm", "engine: triton").replace(
      "llama: {} }",
      'llama: { chat_template: "{{ x }}", triton: { kind: llmapi, special_tokens: ["###"], tool_calls: hermes } } }',
    );
    expect(declared(text).backends.get(backendId("gpu-1"))?.models.get(modelId("llama"))?.triton).toEqual({
      kind: "llmapi",
      accumulates: undefined,
      echoes: false,
      addsBos: true,
      toolFormat: "hermes",
      guideName: "structured_outputs",
      specialTokens: ["###"],
    });
  });
});
