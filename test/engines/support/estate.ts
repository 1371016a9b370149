/** The configuration that a small operator would write for these engines: a law, limits, a budget, and a name of its own for every model. */
import { createHash } from "node:crypto";
import { ADMIN_ENV } from "../../edge/support/estate.ts";
import { urlOf } from "./running.ts";

export const KEYS = {
  main: "sk-engines-main-0123456789abcdefghijk",
  lawless: "sk-engines-lawless-0123456789abcdefgh",
  broke: "sk-engines-broke-0123456789abcdefghij",
  paced: "sk-engines-paced-0123456789abcdefghij",
} as const;

/** What callers call each model. `either` is served by vLLM and by Triton. */
export const MODELS = {
  chat: "acme/chat",
  vectors: "acme/vectors",
  ranks: "acme/ranks",
  prose: "acme/prose",
  bls: "acme/bls",
  accumulating: "acme/accumulating",
  ensemble: "acme/ensemble",
  llmapi: "acme/llmapi",
  hashes: "acme/hashes",
  ids: "acme/ids",
  either: "acme/either",
} as const;

/** Turns as plain lines: what the stand-ins behind Triton answer to can be read off it. */
export const TEMPLATE = "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}\n{% endfor %}";

export const CONTEXT_TOKENS_MAX = 4_096;

const inGermany = "{ backend.location.country: { in: [DE] } }";

export function estateYaml(dataDir: string): string {
  return [server(dataDir), fleet(), reseller(), tenants()].join("\n");
}

function server(dataDir: string): string {
  return `server:
  listen: [{ address: "127.0.0.1:0", msp: acme }]
  admin: { address: "127.0.0.1:0", key: { env: ${ADMIN_ENV} } }
  data_dir: ${JSON.stringify(dataDir)}
  log_level: info
uses: { sets: "2026-11-22.1" }
policy: [{ id: PLATFORM-1, require: { backend.location.country: { in: ["@EU"] } } }]
self: { site: frankfurt }`;
}

function fleet(): string {
  const context = `context_tokens_max: ${CONTEXT_TOKENS_MAX}`;
  const templated = (model: string): string => `{ served_name: ${model}, chat_template: ${JSON.stringify(TEMPLATE)} }`;
  return `operators:
  acme: { name: Acme Rechenzentrum GmbH, country: DE, parents: [DE], policy: [{ id: OPERATOR-1, require: ${inGermany} }] }
sites:
  frankfurt: { operator: acme, country: DE }
models:
  llama: { ${context} }
  bert: { context_tokens_max: 512, capabilities: [embeddings, tokenize, rerank] }
  cross: { context_tokens_max: 512, capabilities: [tokenize, rerank] }
  prose: { ${context}, capabilities: [chat, completions] }
  bls: { ${context}, capabilities: [chat, completions] }
  accumulating: { ${context}, capabilities: [chat, completions] }
  ensemble: { ${context}, capabilities: [chat, completions] }
  llmapi: { ${context}, capabilities: [chat, completions] }
  hashes: { ${context}, capabilities: [embeddings] }
  ids: { ${context}, capabilities: [embeddings] }
  either: { ${context}, capabilities: [chat, completions] }
backends:
  rack-vllm: { engine: vllm, base_url: "${urlOf("vllm-chat")}", models: { llama: tiny-llama, either: tiny-llama } }
  rack-embed: { engine: vllm, base_url: "${urlOf("vllm-embed")}", models: { bert: tiny-embed } }
  rack-rerank: { engine: vllm, base_url: "${urlOf("vllm-rerank")}", models: { cross: tiny-rerank } }
  rack-triton:
    engine: triton
    base_url: "${urlOf("triton")}"
    models:
      prose: ${templated("vllm_model")}
      either: ${templated("vllm_model")}
      bls: ${templated("tensorrt_llm_bls")}
      accumulating: ${templated("bls_accumulating")}
      ensemble: ${templated("ensemble")}
      llmapi: ${templated("llmapi")}
      hashes: embed_text
      ids: embed_ids`;
}

function reseller(): string {
  const sold = (name: string, model: string): string =>
    `      ${name}: { model: ${model}, price: { input: "1", cached_input: "0.5", output: "2" } }`;
  return `msps:
  acme:
    hosts: [acme.test]
    brand: { name: Acme KI, diagnostics: true }
    price_book: { version: "1", currency: EUR }
    policy: [{ id: MSP-1, require: ${inGermany} }]
    aliases:
${[
  sold(MODELS.chat, "llama"),
  sold(MODELS.vectors, "bert"),
  sold(MODELS.ranks, "cross"),
  sold(MODELS.prose, "prose"),
  sold(MODELS.bls, "bls"),
  sold(MODELS.accumulating, "accumulating"),
  sold(MODELS.ensemble, "ensemble"),
  sold(MODELS.llmapi, "llmapi"),
  sold(MODELS.hashes, "hashes"),
  sold(MODELS.ids, "ids"),
  sold(MODELS.either, "either"),
].join("\n")}`;
}

function tenants(): string {
  const hash = (key: string): string => `"sha256:${createHash("sha256").update(key).digest("hex")}"`;
  return `tenants:
  clinic: { name: Clinic, default_class: public, policy: [{ id: CLINIC-1, require: ${inGermany} }], limits: { requests_per_minute: 10000, tokens_per_minute: 100000000, budget_per_month: "1000" } }
  ministry: { name: Ministry, default_class: public, policy: [{ id: MINISTRY-1, require: { backend.location.country: { in: [FR] } } }] }
projects:
  clinic: { tenant: clinic }
  ministry: { tenant: ministry }
keys:
  key-main: { hash: ${hash(KEYS.main)}, project: clinic, explain: true }
  key-broke: { hash: ${hash(KEYS.broke)}, project: clinic, limits: { budget_per_month: "0" } }
  key-paced: { hash: ${hash(KEYS.paced)}, project: clinic, limits: { concurrency: 1 } }
  key-lawless: { hash: ${hash(KEYS.lawless)}, project: ministry }
`;
}
