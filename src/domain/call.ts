/** An inference request as the gateway understands it: the caller's bytes plus the few top-level fields we need. */
import type { Capability } from "./fleet.ts";
import type { Alias } from "./tenancy.ts";

/** Half-open byte range of a JSON value inside a body. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

export interface Call {
  readonly capability: Capability;
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
  /** What the caller asked for at most per choice; undefined: did not say. 0 for embeddings and tokenize. */
  readonly completionTokensAsked: number | undefined;
  /** n, or best_of when larger; times the number of prompts for /completions. */
  readonly choices: number;
  /** Parts this tenant's prompts from all others' in an engine's prefix cache; absent where nothing is generated. */
  readonly cacheSalt?: string;
}
