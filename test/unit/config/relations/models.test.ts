import { describe, expect, it } from "vitest";
import { spoiled, told } from "../sample.ts";

describe("models and engines", () => {
  it("refuses a completion that does not fit the context", () => {
    expect(told(spoiled("8192", "8192, completion_tokens_max: 8193"))).toEqual([
      "models.llama.completion_tokens_max: a completion of 8193 tokens does not fit a context of 8192",
    ]);
    expect(told(spoiled("8192", "8192, completion_tokens_max: 8192"))).toEqual([]);
  });

  it("wants a chat template where the engine has no chat, and only there", () => {
    const triton = spoiled("engine: vllm", "engine: triton");
    expect(told(triton)).toEqual(["backends.gpu-1.models.llama: Triton has no chat of its own: this model needs a chat_template"]);
    expect(told(triton.replace("llama: {} }", 'llama: { chat_template: "{{ x }}" } }'))).toEqual([]);
    expect(told(triton.replace("8192", "8192, capabilities: [completions]"))).toEqual([]);
    expect(told(spoiled("llama: {} }", 'llama: { chat_template: "{{ x }}" } }'))[0]).toContain("engine vllm renders chats itself");
    expect(told(triton.replace("llama: {} }", 'llama: { chat_template: { bos_token: "" } } }'))).toEqual([
      "backends.gpu-1.models.llama.chat_template: a chat template has either a source or a file",
    ]);
  });

  it("wants what is stated of Triton's models stated of Triton's models", () => {
    expect(told(spoiled("llama: {} }", "llama: { triton: { kind: vllm } } }"))).toEqual([
      "backends.gpu-1.models.llama.triton: engine vllm is not triton: this is never used",
    ]);
    const triton = spoiled("engine: vllm", "engine: triton").replace("8192", "8192, capabilities: [completions]");
    expect(told(triton.replace("llama: {} }", "llama: { triton: { kind: llmapi } } }"))).toEqual([]);
    expect(told(triton.replace("llama: {} }", "llama: { triton: { kind: onnx } } }"))).toHaveLength(1);
  });

  it("wants a backend to serve something", () => {
    expect(told(spoiled("models: { llama: {} }", "models: {}"))).toEqual(["backends.gpu-1.models: a backend serves at least one model"]);
  });
});
