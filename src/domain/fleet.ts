/** What operators own: sites with backends serving models. All of it is declared, frozen, and swapped as a whole on reload. */
import type { FactSheet } from "./facts.ts";
import type { BackendId, ModelId, OperatorId, SiteId } from "./ids.ts";

/** What may be asked of a model. Two endpoints may ask for the same: /v1/responses is chat by another door, and a rule about chat holds there too. */
export const CAPABILITIES = ["chat", "completions", "embeddings", "tokenize", "rerank"] as const;
export type Capability = (typeof CAPABILITIES)[number];

export const ENGINES = ["vllm", "triton", "triton-openai", "sglang", "tgi", "llamacpp", "ollama", "openai"] as const;
export type EngineKind = (typeof ENGINES)[number];

/** Who speaks the Responses API at a backend: its engine itself, or the gateway, which then asks for chat. */
export const RESPONSES = ["engine", "chat"] as const;
export type ResponsesBy = (typeof RESPONSES)[number];

export interface Model {
  readonly id: ModelId;
  /** Prompt and completion together, in tokens. */
  readonly contextTokensMax: number;
  /** Upper bound of one completion, in tokens; undefined: whatever the context leaves. */
  readonly completionTokensMax: number | undefined;
  readonly capabilities: ReadonlySet<Capability>;
}

/** What an operator asks for a model's tokens, in micro-units per million tokens of a currency that is the same for all backends. */
export interface WholesalePrice {
  readonly inputMicroPerMillion: number;
  readonly outputMicroPerMillion: number;
}

/** How one backend knows a model. */
export interface ServedModel {
  readonly model: Model;
  /** The name the engine answers to. */
  readonly servedName: string;
  /** Jinja chat template and special tokens: only for engines without chat of their own (Triton). */
  readonly chatTemplate: ChatTemplate | undefined;
  /** What cannot be seen of a model behind Triton; absent: what is seen stands. */
  readonly triton?: TritonModel;
  /** Compared by routing, never charged; absent: not told. */
  readonly wholesale?: WholesalePrice;
}

/** Kinds of models that Triton serves; each has tensors of its own. */
export const TRITON_KINDS = ["vllm", "tensorrt_llm", "llmapi", "embedding"] as const;
export type TritonKind = (typeof TRITON_KINDS)[number];

/** How a model writes that it calls a tool. */
export const TOOL_FORMATS = ["hermes", "llama3", "mistral"] as const;
export type ToolFormat = (typeof TOOL_FORMATS)[number];

/** The name under which a build of the vLLM backend takes a guide (a JSON schema, say); "none": it takes none. */
export const GUIDE_NAMES = ["structured_outputs", "guided_decoding", "none"] as const;
export type GuideName = (typeof GUIDE_NAMES)[number];

/** What an operator states of a model behind Triton. undefined: it is seen, or the usual. */
export interface TritonModel {
  readonly kind: TritonKind | undefined;
  /** Each frame holds the whole text so far. Default: what the model's configuration says (`accumulate_tokens`). */
  readonly accumulates: boolean | undefined;
  /** The answer begins with the prompt, and the model has no input that turns it off. */
  readonly echoes: boolean;
  /** The engine's tokenizer puts the begin token in front, so the template's own is left out. */
  readonly addsBos: boolean;
  /** Default: what the chat template shows. */
  readonly toolFormat: ToolFormat | undefined;
  readonly guideName: GuideName;
  /** More texts that a caller's words must not contain, beside those that the template and its tokens show. */
  readonly specialTokens: readonly string[];
}

export interface ChatTemplate {
  readonly source: string;
  readonly bosToken: string;
  readonly eosToken: string;
  /** Another template for calls with tools, where the model brings one. */
  readonly toolSource?: string;
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
  /** Absent: as the engine's kind is known to do. */
  readonly responses?: ResponsesBy;
}

export interface Site {
  readonly id: SiteId;
  readonly operator: OperatorId;
}

export interface Operator {
  readonly id: OperatorId;
  readonly name: string;
}
