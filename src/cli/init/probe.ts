/** Finds out what answers at a URL: which engine, which models, how long their context is. */
import { shapeOf } from "../../backends/triton/shape.ts";
import { VLLM } from "../../backends/vllm.ts";
import { isRecord, valueAt } from "../../config/path.ts";
import { CAPABILITIES, type Capability, type EngineKind } from "../../domain/fleet.ts";
import { countAt, json, recordsAt, textAt } from "./json.ts";
import type { Get } from "./json.ts";

export interface FoundModel {
  readonly servedName: string;
  /** undefined: the engine does not say. */
  readonly contextTokensMax: number | undefined;
  readonly capabilities: readonly Capability[];
}

export interface Found {
  readonly baseUrl: string;
  readonly engine: EngineKind;
  readonly models: readonly FoundModel[];
}

/** One route that gives an engine away, in the order in which they are asked. */
interface Mark {
  readonly engine: EngineKind;
  readonly path: string;
  readonly is: (answer: unknown) => boolean;
}

const MARKS: readonly Mark[] = [
  { engine: "triton", path: "/v2", is: (answer) => isRecord(answer) && Array.isArray(answer["extensions"]) },
  { engine: "ollama", path: "/api/version", is: (answer) => textAt(answer, ["version"]) !== undefined },
  { engine: "tgi", path: "/info", is: (answer) => textAt(answer, ["model_id"]) !== undefined },
  { engine: "llamacpp", path: "/props", is: (answer) => isRecord(answer) && isRecord(answer["default_generation_settings"]) },
  { engine: "sglang", path: "/get_server_info", is: (answer) => textAt(answer, ["model_path"]) !== undefined },
  { engine: "sglang", path: "/server_info", is: (answer) => textAt(answer, ["model_path"]) !== undefined },
  { engine: "vllm", path: "/version", is: (answer) => textAt(answer, ["version"]) !== undefined },
  { engine: "openai", path: "/v1/models", is: (answer) => isRecord(answer) && Array.isArray(answer["data"]) },
];

const CHAT: readonly Capability[] = ["chat", "completions"];
/** Of a vLLM that does not show its routes. */
const CHAT_AND_TOKENIZE: readonly Capability[] = ["chat", "completions", "tokenize"];
const MODELS_MAX = 100;

/** What answers at a URL, or undefined when nothing known does. */
export async function probe(get: Get, url: string): Promise<Found | undefined> {
  const baseUrl = url.replace(/\/+$/, "").replace(/\/v1$/, "");
  for (const { engine, path, is } of MARKS) {
    const answer = await json(get, baseUrl + path);
    if (!is(answer)) continue;
    const models = engine === "triton" ? await tritonModels(get, baseUrl) : await openaiModels(get, baseUrl, { engine, answer });
    return { baseUrl, engine, models: models.slice(0, MODELS_MAX) };
  }
  return undefined;
}

/** Engines with OpenAI routes list their models there; how long the context is they say in different places. */
async function openaiModels(
  get: Get,
  baseUrl: string,
  mark: { readonly engine: EngineKind; readonly answer: unknown },
): Promise<readonly FoundModel[]> {
  const listed = recordsAt(await json(get, `${baseUrl}/v1/models`), ["data"]);
  const shared = sharedContext(mark.engine, mark.answer);
  const capabilities = mark.engine === "vllm" ? await vllmCapabilities(get, baseUrl) : CHAT;
  const models = listed.flatMap((entry) => {
    const servedName = textAt(entry, ["id"]);
    const own = countAt(entry, ["max_model_len"]) ?? countAt(entry, ["context_length"]) ?? countAt(entry, ["context_window"]);
    return servedName === undefined ? [] : [{ servedName, contextTokensMax: own ?? shared, capabilities }];
  });
  const alone = textAt(mark.answer, ["model_id"]) ?? textAt(mark.answer, ["model_path"]);
  return models.length > 0 || alone === undefined ? models : [{ servedName: alone, contextTokensMax: shared, capabilities }];
}

/** A vLLM has routes only for what its model can do: one for embeddings has none for chat. */
async function vllmCapabilities(get: Get, baseUrl: string): Promise<readonly Capability[]> {
  const paths = valueAt(await json(get, `${baseUrl}/openapi.json`), ["paths"]);
  if (!isRecord(paths)) return CHAT_AND_TOKENIZE;
  const able = CAPABILITIES.filter((capability) => {
    const route = VLLM.routes[capability];
    return route !== undefined && paths[route] !== undefined;
  });
  return able.length > 0 ? able : CHAT_AND_TOKENIZE;
}

/** Context of an engine that serves one model and states it for itself. */
function sharedContext(engine: EngineKind, answer: unknown): number | undefined {
  if (engine === "tgi") return countAt(answer, ["max_total_tokens"]);
  if (engine === "llamacpp") return countAt(answer, ["default_generation_settings", "n_ctx"]);
  if (engine === "sglang") return countAt(answer, ["context_length"]);
  return undefined;
}

/** Triton's index answers to POST only; its statistics name the loaded models too, and their configurations say what they are for. */
async function tritonModels(get: Get, baseUrl: string): Promise<readonly FoundModel[]> {
  const stats = recordsAt(await json(get, `${baseUrl}/v2/models/stats`), ["model_stats"]);
  const names = [...new Set(stats.flatMap((entry) => textAt(entry, ["name"]) ?? []))].slice(0, MODELS_MAX);
  const models: FoundModel[] = [];
  for (const servedName of names) {
    const configuration = await json(get, `${baseUrl}/v2/models/${servedName}/config`);
    const capabilities = tritonCapabilities(configuration);
    if (capabilities.length > 0) models.push({ servedName, contextTokensMax: tritonContext(configuration), capabilities });
  }
  return models;
}

/** By tensors, as the adapter will read them; the rest (tokenizers, pipelines' parts) is nothing to sell. */
function tritonCapabilities(configuration: unknown): readonly Capability[] {
  const shape = shapeOf(JSON.stringify(configuration) ?? "");
  if (shape === undefined) return [];
  return shape.kind === "embedding" ? ["embeddings"] : ["completions"];
}

function tritonContext(configuration: unknown): number | undefined {
  const stated =
    textAt(configuration, ["parameters", "max_model_len", "string_value"]) ??
    textAt(configuration, ["parameters", "max_seq_len", "string_value"]);
  const tokens = Number(stated);
  return Number.isInteger(tokens) && tokens > 0 ? tokens : undefined;
}
