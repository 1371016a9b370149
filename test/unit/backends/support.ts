/** What the adapters' tests share: a model under an alias, a backend that serves it, calls as the gateway reads them. */
import { isUtf8 } from "node:buffer";
import type { Call } from "../../../src/domain/call.ts";
import {
  CAPABILITIES,
  type Backend,
  type Capability,
  type ChatTemplate,
  type EngineKind,
  type Model,
  type TritonModel,
} from "../../../src/domain/fleet.ts";
import { backendId, modelId, operatorId, requestId, siteId } from "../../../src/domain/ids.ts";
import type { Alias } from "../../../src/domain/tenancy.ts";
import { readCall } from "../../../src/openai/read-call.ts";
import type { Ask } from "../../../src/ports.ts";

/** 2026-11-22T13:20:00Z in its first 48 bits. */
export const REQUEST = requestId(`${(1_795_353_600_000).toString(16).padStart(12, "0")}7abc8def0123456789ab`);

export const MODEL: Model = {
  id: modelId("tiny"),
  contextTokensMax: 4_096,
  completionTokensMax: undefined,
  capabilities: new Set(CAPABILITIES),
};

export const ALIAS: Alias = {
  name: "acme/small",
  model: MODEL.id,
  ownedBy: "acme",
  price: { inputMicroPerMillion: 0, cachedInputMicroPerMillion: 0, outputMicroPerMillion: 0 },
  createdAtS: 0,
};

export const CHATML: ChatTemplate = {
  source:
    "{{ bos_token }}{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
  bosToken: "<s>",
  eosToken: "<|im_end|>",
};

export interface BackendOptions {
  readonly servedName?: string;
  readonly credential?: string;
  readonly chatTemplate?: ChatTemplate | undefined;
  readonly model?: Model;
  readonly triton?: TritonModel;
}

export function backendOf(engine: EngineKind, options: BackendOptions = {}): Backend {
  const model = options.model ?? MODEL;
  const served = {
    model,
    servedName: options.servedName ?? "tiny-llama",
    chatTemplate: "chatTemplate" in options ? options.chatTemplate : CHATML,
    ...(options.triton === undefined ? {} : { triton: options.triton }),
  };
  return {
    id: backendId("b1"),
    operator: operatorId("o1"),
    site: siteId("s1"),
    engine,
    baseUrl: "http://127.0.0.1:9",
    credential: options.credential,
    models: new Map([[model.id, served]]),
    facts: { facts: new Map(), certificates: [] },
    weight: 1,
    concurrencyMax: 8,
  };
}

export function callOf(capability: Capability, body: object | string): Call {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return readCall(capability, Buffer.from(text), () => ALIAS, { isUtf8 });
}

export function chat(more: object = {}): Call {
  return callOf("chat", { model: ALIAS.name, messages: [{ role: "user", content: "hi" }], ...more });
}

export type Page = { readonly status: number; readonly body: string };

/** An engine's status routes as a table; what is not in it is refused as a closed port would be. */
export function asking(pages: Readonly<Record<string, Page>>): Ask & { asked: string[] } {
  const asked: string[] = [];
  const ask: Ask = async (method, path) => {
    asked.push(`${method} ${path}`);
    const page = pages[path];
    if (page === undefined) throw new Error("refused");
    return page;
  };
  return Object.assign(ask, { asked });
}
