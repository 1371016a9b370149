/** What distinguishes engines that speak OpenAI's wire: data, so that a new one is a row and not a class. */
import type { Wire } from "../domain/call.ts";
import type { EngineKind } from "../domain/fleet.ts";

/** Names of an engine's own numbers on its metrics page. */
export interface LoadMetrics {
  readonly path: string;
  readonly running: string;
  readonly waiting: string;
  /** A share from 0 to 1, whatever it is called. */
  readonly kvUse: string | undefined;
  /** Whether the page says that no model answers although the health route does. */
  readonly asleep: ((page: string) => boolean) | undefined;
}

export interface Dialect {
  readonly kind: EngineKind;
  /** Where each endpoint's body is sent; one that is absent the engine does not have, though Responses can be told through its chat. */
  readonly routes: Readonly<Partial<Record<Wire, string>>>;
  /** Whether `stream_options` is known; where it is not, a stream ends without usage. */
  readonly streamOptions: boolean;
  /** Whether the prefix cache can be parted by `cache_salt`; where it cannot, tenants who share the engine share its cache. */
  readonly cacheSalt: boolean;
  /**
   * Body members that steer the engine instead of the answer: they jump queues, name other requests' state, or make the engine
   * connect to a host of the caller's choice. A caller who sends one is refused.
   */
  readonly reserved: readonly string[];
  /** Answers 200 when the engine is up. */
  readonly health: string | undefined;
  /** OpenAI's list of models. */
  readonly models: string | undefined;
  readonly load: LoadMetrics | undefined;
}

const CHAT = "/v1/chat/completions";
const COMPLETIONS = "/v1/completions";
const EMBEDDINGS = "/v1/embeddings";
/** As Jina has it; SGLang's answer under this name is another. */
const RERANK = "/v1/rerank";
const MODELS = "/v1/models";

export const SGLANG: Dialect = {
  kind: "sglang",
  routes: { chat: CHAT, completions: COMPLETIONS, embeddings: EMBEDDINGS },
  streamOptions: true,
  cacheSalt: false,
  reserved: [
    "rid",
    "priority",
    "bootstrap_host",
    "bootstrap_port",
    "bootstrap_room",
    "data_parallel_rank",
    "custom_logit_processor",
    "lora_path",
  ],
  health: "/health",
  models: MODELS,
  load: {
    path: "/metrics",
    running: "sglang:num_running_reqs",
    waiting: "sglang:num_queue_reqs",
    kvUse: "sglang:token_usage",
    asleep: undefined,
  },
};

export const TGI: Dialect = {
  kind: "tgi",
  routes: { chat: CHAT, completions: COMPLETIONS },
  streamOptions: true,
  cacheSalt: false,
  reserved: [],
  health: "/health",
  // TGI serves one model and answers to any name.
  models: undefined,
  load: { path: "/metrics", running: "tgi_batch_current_size", waiting: "tgi_queue_size", kvUse: undefined, asleep: undefined },
};

export const LLAMACPP: Dialect = {
  kind: "llamacpp",
  routes: { chat: CHAT, completions: COMPLETIONS, embeddings: EMBEDDINGS, rerank: RERANK },
  streamOptions: true,
  cacheSalt: false,
  reserved: ["id_slot"],
  health: "/health",
  models: MODELS,
  load: {
    path: "/metrics",
    running: "llamacpp:requests_processing",
    waiting: "llamacpp:requests_deferred",
    kvUse: "llamacpp:kv_cache_usage_ratio",
    asleep: undefined,
  },
};

export const OLLAMA: Dialect = {
  kind: "ollama",
  routes: { chat: CHAT, completions: COMPLETIONS, embeddings: EMBEDDINGS },
  streamOptions: true,
  cacheSalt: false,
  reserved: [],
  health: "/api/version",
  models: MODELS,
  load: undefined,
};

/** Triton's own OpenAI frontend: a server beside Triton's, with routes of OpenAI's and errors of FastAPI's. */
export const TRITON_OPENAI: Dialect = {
  kind: "triton-openai",
  routes: { chat: CHAT, completions: COMPLETIONS, embeddings: EMBEDDINGS },
  streamOptions: true,
  cacheSalt: false,
  reserved: [],
  health: "/health/ready",
  models: MODELS,
  // Its metrics page counts requests that are over, and none that run.
  load: undefined,
};

export const OPENAI: Dialect = {
  kind: "openai",
  routes: { chat: CHAT, completions: COMPLETIONS, embeddings: EMBEDDINGS, rerank: RERANK },
  streamOptions: true,
  cacheSalt: false,
  reserved: [],
  health: undefined,
  models: MODELS,
  load: undefined,
};
