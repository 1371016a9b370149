/** vLLM's own server as a dialect: it also tokenizes, and its health route answers 200 while its weights are put to sleep. */
import { samples } from "./prometheus.ts";
import type { Dialect } from "./dialect.ts";

/** True when the engine states its sleep state and no instance of it is awake: a request would hang until someone wakes it. */
export function asleep(page: string): boolean {
  const states = samples(page, "vllm:engine_sleep_state").filter((sample) => sample.labels.includes('sleep_state="awake"'));
  return states.length > 0 && states.every((sample) => sample.value === 0);
}

export const VLLM: Dialect = {
  kind: "vllm",
  routes: {
    chat: "/v1/chat/completions",
    completions: "/v1/completions",
    embeddings: "/v1/embeddings",
    tokenize: "/tokenize",
    responses: "/v1/responses",
    rerank: "/v1/rerank",
    score: "/v1/score",
  },
  streamOptions: true,
  cacheSalt: true,
  // The two transfer parameters name a host that the engine would connect to.
  reserved: ["kv_transfer_params", "ec_transfer_params", "priority", "request_id"],
  health: "/health",
  models: "/v1/models",
  load: {
    path: "/metrics",
    running: "vllm:num_requests_running",
    waiting: "vllm:num_requests_waiting",
    kvUse: "vllm:kv_cache_usage_perc",
    asleep,
  },
};
