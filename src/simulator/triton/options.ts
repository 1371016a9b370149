/** What one simulated Triton server is, and what all of its routes share. */
import type { Clock } from "../../ports.ts";
import type { EngineModel, EngineProfile } from "../engine-model.ts";
import type { Knobs } from "../faults.ts";
import type { ModelSpec } from "./models.ts";
import type { Repository } from "./repository.ts";

export interface TritonOptions {
  readonly clock: Clock;
  /** Models that are loaded at the start; one by its name alone is of the vLLM backend. */
  readonly models: readonly [ModelSpec, ...ModelSpec[]];
  /** Models that lie in the repository, but are not loaded. Default none. */
  readonly unloaded?: readonly ModelSpec[];
  /** Default 1. */
  readonly seed?: number;
  readonly profile?: Partial<EngineProfile>;
  /** Prompt and answer together, in tokens. Default 32,768. */
  readonly contextTokensMax?: number;
}

export interface Triton {
  readonly options: Required<Omit<TritonOptions, "profile">>;
  readonly engine: EngineModel;
  readonly repository: Repository;
  knobs(): Knobs;
}

export const TRITON_VERSION = "2.51.0";

/** Triton leaves connections open much longer than uvicorn. */
export const KEEP_ALIVE_MS = 3_600_000;

export function withDefaults(options: TritonOptions): Triton["options"] {
  return { unloaded: [], seed: 1, contextTokensMax: 32_768, ...options };
}
