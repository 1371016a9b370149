/** Every inference endpoint, as data: one handler serves them all. */
import type { Capability } from "../domain/fleet.ts";

export interface Endpoint {
  readonly path: string;
  readonly capability: Capability;
}

export const INFERENCE: readonly Endpoint[] = [
  { path: "/v1/chat/completions", capability: "chat" },
  { path: "/v1/completions", capability: "completions" },
  { path: "/v1/embeddings", capability: "embeddings" },
  { path: "/tokenize", capability: "tokenize" },
  { path: "/v1/tokenize", capability: "tokenize" },
];
