/** All engines there are, one per kind: a kind that is forgotten here does not compile. */
import type { EngineKind } from "../domain/fleet.ts";
import type { Engine } from "../ports.ts";
import { LLAMACPP, OLLAMA, OPENAI, SGLANG, TGI, TRITON_OPENAI, type Dialect } from "./dialect.ts";
import { OpenAiCompatibleEngine } from "./openai-compatible.ts";
import { ResponsesThroughChat } from "./responses-through-chat.ts";
import { TritonEngine } from "./triton/engine.ts";
import { VLLM } from "./vllm.ts";

/** Makes the engines; they hold no state but caches, so one set serves the whole process. */
export function engines(): Readonly<Record<EngineKind, Engine>> {
  return {
    vllm: speaking(VLLM),
    triton: new ResponsesThroughChat(new TritonEngine(), { speaks: false }),
    "triton-openai": speaking(TRITON_OPENAI),
    sglang: speaking(SGLANG),
    tgi: speaking(TGI),
    llamacpp: speaking(LLAMACPP),
    ollama: speaking(OLLAMA),
    openai: speaking(OPENAI),
  };
}

/** An engine of OpenAI's wire; whether it has the Responses API itself is in its routes. */
function speaking(dialect: Dialect): Engine {
  return new ResponsesThroughChat(new OpenAiCompatibleEngine(dialect), { speaks: dialect.routes.responses !== undefined });
}
