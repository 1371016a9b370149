/** All engines there are, one per kind: a kind that is forgotten here does not compile. */
import type { EngineKind } from "../domain/fleet.ts";
import type { Engine } from "../ports.ts";
import { LLAMACPP, OLLAMA, OPENAI, SGLANG, TGI } from "./dialect.ts";
import { OpenAiCompatibleEngine } from "./openai-compatible.ts";
import { TritonEngine } from "./triton/engine.ts";
import { VLLM } from "./vllm.ts";

/** Makes the engines; they hold no state but caches, so one set serves the whole process. */
export function engines(): Readonly<Record<EngineKind, Engine>> {
  return {
    vllm: new OpenAiCompatibleEngine(VLLM),
    triton: new TritonEngine(),
    sglang: new OpenAiCompatibleEngine(SGLANG),
    tgi: new OpenAiCompatibleEngine(TGI),
    llamacpp: new OpenAiCompatibleEngine(LLAMACPP),
    ollama: new OpenAiCompatibleEngine(OLLAMA),
    openai: new OpenAiCompatibleEngine(OPENAI),
  };
}
