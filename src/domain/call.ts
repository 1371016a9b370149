/** An inference request as the gateway understands it: the caller's bytes plus the few top-level fields we need. */
import { CAPABILITIES, type Capability } from "./fleet.ts";
import type { Alias } from "./tenancy.ts";

/** Half-open byte range of a JSON value inside a body. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

/** The contract that a body follows: that of its capability's own endpoint, or of another door to the same capability. */
export const WIRES = [...CAPABILITIES, "responses", "score"] as const;
export type Wire = (typeof WIRES)[number];

/** What each contract asks of a model; law, limits and prices know nothing finer. */
export const CAPABILITY_OF: Readonly<Record<Wire, Capability>> = {
  chat: "chat",
  completions: "completions",
  embeddings: "embeddings",
  tokenize: "tokenize",
  rerank: "rerank",
  responses: "chat",
  score: "rerank",
};

export interface Call {
  readonly capability: Capability;
  /** Absent: the contract that has the capability's own name. */
  readonly wire?: Wire;
  /** Exactly as the caller sent it. Never changed; engines splice a copy. */
  readonly body: Buffer;
  /** Top-level members of the body by name (the value's range). */
  readonly fields: ReadonlyMap<string, Slice>;
  /** Position of the body's closing brace. */
  readonly closeAt: number;
  readonly alias: Alias;
  readonly stream: boolean;
  /** The caller asked for a usage frame (`stream_options.include_usage`). */
  readonly includeUsage: boolean;
  /** Prompt tokens guessed for rate windows: bytes of the prompt fields divided by four, at least 1. */
  readonly promptTokensEstimate: number;
  /** No tokenizer makes more: bytes of the prompt fields plus template overhead. */
  readonly promptTokensMax: number;
  /** What the caller asked for at most per choice; undefined: did not say. 0 where nothing is generated. */
  readonly completionTokensAsked: number | undefined;
  /** n, or best_of when larger; times the number of prompts for /completions. */
  readonly choices: number;
  /** Parts this tenant's prompts from all others' in an engine's prefix cache; absent where nothing is generated. */
  readonly cacheSalt?: string;
}

export function wireOf(call: Pick<Call, "capability" | "wire">): Wire {
  return call.wire ?? call.capability;
}
