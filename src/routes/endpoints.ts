/** Every inference endpoint, as data: one handler serves them all. */
import type { Wire } from "../domain/call.ts";

export interface Endpoint {
  readonly path: string;
  /** The contract that its bodies follow. */
  readonly wire: Wire;
}

export const INFERENCE: readonly Endpoint[] = [
  { path: "/v1/chat/completions", wire: "chat" },
  { path: "/v1/completions", wire: "completions" },
  { path: "/v1/embeddings", wire: "embeddings" },
  { path: "/tokenize", wire: "tokenize" },
  { path: "/v1/tokenize", wire: "tokenize" },
  { path: "/v1/responses", wire: "responses" },
  // Cohere's clients ask for the second version, Jina's and vLLM's for the first, LiteLLM's for the bare name.
  { path: "/v1/rerank", wire: "rerank" },
  { path: "/v2/rerank", wire: "rerank" },
  { path: "/rerank", wire: "rerank" },
  { path: "/v1/score", wire: "score" },
  { path: "/score", wire: "score" },
];
