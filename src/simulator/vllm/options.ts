/** What one simulated vLLM server is: its flags, and what all of its routes share. */
import type { Clock } from "../../ports.ts";
import type { EngineModel, EngineProfile } from "../engine-model.ts";
import type { Knobs } from "../faults.ts";
import type { SeededRandom } from "../seeded.ts";
import type { VllmMetrics } from "./metrics.ts";

/** Named after vLLM's own flags where there is one. */
export interface VllmOptions {
  readonly clock: Clock;
  /** Served model names; any is accepted, and answers carry the first. */
  readonly models: readonly [string, ...string[]];
  /** "generate" has chat and completions, "pooling" has embeddings, rerank and score; a real server has one of them, too. Default: generate. */
  readonly runner?: "generate" | "pooling";
  /** Default 1. */
  readonly seed?: number;
  readonly profile?: Partial<EngineProfile>;
  /** max_model_len, in tokens. Default 32,768. */
  readonly contextTokensMax?: number;
  /** Wanted on paths that start with /v1; undefined: everybody may. */
  readonly apiKey?: string;
  /** --enable-prompt-tokens-details. Default true. */
  readonly promptTokensDetails?: boolean;
  /** --enable-force-include-usage. Default false. */
  readonly forceIncludeUsage?: boolean;
  /** --enable-request-id-headers. Default false. */
  readonly requestIdHeaders?: boolean;
  /** --tool-call-parser with --enable-auto-tool-choice. Default true. */
  readonly toolCallParser?: boolean;
  /** Tokens in one frame of a stream; real engines merge some under load. Default 1. */
  readonly tokensPerFrame?: number;
  /** Length of an embedding. Default 384. */
  readonly dimensions?: number;
  /** Other lengths an embedding may be cut to. Default none. */
  readonly matryoshka?: readonly number[];
  /** Idle connections are closed after this. Default 5,000, as uvicorn's. */
  readonly keepAliveMs?: number;
}

/** Options with their defaults, and the parts that routes work with. */
export interface Vllm {
  readonly options: Required<Omit<VllmOptions, "apiKey" | "profile">> & Pick<VllmOptions, "apiKey">;
  readonly engine: EngineModel;
  readonly metrics: VllmMetrics;
  /** For ids only. */
  readonly random: SeededRandom;
  /** system_fingerprint: version and a hash of this process. */
  readonly fingerprint: string;
  knobs(): Knobs;
}

export const VLLM_VERSION = "0.32.0";

export function withDefaults(options: VllmOptions): Vllm["options"] {
  return {
    runner: "generate",
    seed: 1,
    contextTokensMax: 32_768,
    promptTokensDetails: true,
    forceIncludeUsage: false,
    requestIdHeaders: false,
    toolCallParser: true,
    tokensPerFrame: 1,
    dimensions: 384,
    matryoshka: [],
    keepAliveMs: 5_000,
    ...options,
  };
}
