/** What operators own: sites with backends serving models. All of it is declared, frozen, and swapped as a whole on reload. */
import type { FactSheet } from "./facts.ts";
import type { BackendId, ModelId, OperatorId, SiteId } from "./ids.ts";

/** What may be asked of a model; one per inference endpoint. */
export const CAPABILITIES = ["chat", "completions", "embeddings", "tokenize"] as const;
export type Capability = (typeof CAPABILITIES)[number];

export const ENGINES = ["vllm", "triton", "sglang", "tgi", "llamacpp", "ollama", "openai"] as const;
export type EngineKind = (typeof ENGINES)[number];

export interface Model {
  readonly id: ModelId;
  /** Prompt and completion together, in tokens. */
  readonly contextTokensMax: number;
  /** Upper bound of one completion, in tokens; undefined: whatever the context leaves. */
  readonly completionTokensMax: number | undefined;
  readonly capabilities: ReadonlySet<Capability>;
}

/** How one backend knows a model. */
export interface ServedModel {
  readonly model: Model;
  /** The name the engine answers to. */
  readonly servedName: string;
  /** Jinja chat template and special tokens: only for engines without chat of their own (Triton). */
  readonly chatTemplate: ChatTemplate | undefined;
}

export interface ChatTemplate {
  readonly source: string;
  readonly bosToken: string;
  readonly eosToken: string;
}

export interface Backend {
  readonly id: BackendId;
  readonly operator: OperatorId;
  readonly site: SiteId;
  readonly engine: EngineKind;
  /** Origin and optional path prefix, no trailing slash: "http://10.0.0.5:8000". */
  readonly baseUrl: string;
  /** Sent as `authorization: Bearer …` to the engine; never logged. */
  readonly credential: string | undefined;
  readonly models: ReadonlyMap<ModelId, ServedModel>;
  readonly facts: FactSheet;
  /** Relative share under equal load, > 0. */
  readonly weight: number;
  /** Requests in flight at most. */
  readonly concurrencyMax: number;
}

export interface Site {
  readonly id: SiteId;
  readonly operator: OperatorId;
}

export interface Operator {
  readonly id: OperatorId;
  readonly name: string;
}
