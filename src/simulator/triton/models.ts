/** The kinds of models that a simulated Triton serves, and the tensors of each. */

export const MODEL_KINDS = ["vllm", "tensorrt_llm_bls", "ensemble", "llmapi", "embed_text", "embed_ids"] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

export interface SimulatedModel {
  readonly name: string;
  readonly kind: ModelKind;
  /** BLS alone: each frame holds the whole text so far. */
  readonly accumulates: boolean;
}

/** A model of the vLLM backend by its name, or any other. */
export type ModelSpec = string | { readonly name: string; readonly kind: ModelKind; readonly accumulates?: boolean };

export function modelOf(spec: ModelSpec): SimulatedModel {
  if (typeof spec === "string") return { name: spec, kind: "vllm", accumulates: false };
  return { name: spec.name, kind: spec.kind, accumulates: spec.accumulates ?? false };
}

/** Length of the vectors of embedding models. */
export const DIMENSIONS = 384;

export interface Tensor {
  readonly name: string;
  readonly datatype: "BYTES" | "BOOL" | "FP32" | "INT32" | "INT64" | "UINT32" | "UINT64";
  readonly shape: readonly number[];
  readonly optional: boolean;
}

const ONE = [1];
const SOME = [-1];

const needed = (name: string, datatype: Tensor["datatype"], shape = ONE): Tensor => ({ name, datatype, shape, optional: false });
const optional = (name: string, datatype: Tensor["datatype"], shape = ONE): Tensor => ({ name, datatype, shape, optional: true });

export interface Tensors {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** 0: the model knows no batches. */
  readonly batchMax: number;
  readonly platform: string;
  readonly backend: string;
}

const VLLM: Tensors = {
  batchMax: 0,
  platform: "vllm",
  backend: "vllm",
  inputs: [
    needed("text_input", "BYTES"),
    optional("image", "BYTES", SOME),
    optional("stream", "BOOL"),
    optional("sampling_parameters", "BYTES"),
    optional("exclude_input_in_output", "BOOL"),
    optional("return_finish_reason", "BOOL"),
    optional("return_cumulative_logprob", "BOOL"),
    optional("return_logprobs", "BOOL"),
    optional("return_num_input_tokens", "BOOL"),
    optional("return_num_output_tokens", "BOOL"),
  ],
  outputs: [
    needed("text_output", "BYTES", SOME),
    needed("finish_reason", "BYTES", SOME),
    needed("cumulative_logprob", "FP32", SOME),
    needed("logprobs", "BYTES", SOME),
    needed("num_input_tokens", "UINT32"),
    needed("num_output_tokens", "UINT32", SOME),
  ],
};

const BLS: Tensors = {
  batchMax: 8,
  platform: "python",
  backend: "python",
  inputs: [
    needed("text_input", "BYTES"),
    needed("max_tokens", "INT32"),
    optional("bad_words", "BYTES", SOME),
    optional("stop_words", "BYTES", SOME),
    optional("num_return_sequences", "INT32"),
    optional("exclude_input_in_output", "BOOL"),
    optional("end_id", "INT32"),
    optional("pad_id", "INT32"),
    optional("top_k", "INT32"),
    optional("top_p", "FP32"),
    optional("temperature", "FP32"),
    optional("length_penalty", "FP32"),
    optional("repetition_penalty", "FP32"),
    optional("min_tokens", "INT32"),
    optional("presence_penalty", "FP32"),
    optional("frequency_penalty", "FP32"),
    optional("seed", "UINT64"),
    optional("return_log_probs", "BOOL"),
    optional("return_num_input_tokens", "BOOL"),
    optional("return_num_output_tokens", "BOOL"),
    optional("beam_width", "INT32"),
    optional("stream", "BOOL"),
    optional("guided_decoding_guide_type", "BYTES"),
    optional("guided_decoding_guide", "BYTES"),
  ],
  outputs: [
    needed("text_output", "BYTES", SOME),
    needed("cum_log_probs", "FP32", SOME),
    needed("output_log_probs", "FP32", [-1, -1]),
    needed("batch_index", "INT32"),
    needed("sequence_index", "INT32"),
    needed("num_input_tokens", "INT32"),
    needed("num_output_tokens", "INT32"),
  ],
};

const LLMAPI: Tensors = {
  batchMax: 64,
  platform: "python",
  backend: "python",
  inputs: [
    needed("text_input", "BYTES"),
    optional("streaming", "BOOL"),
    optional("sampling_param_best_of", "INT32"),
    optional("sampling_param_temperature", "FP32"),
    optional("sampling_param_top_k", "INT32"),
    optional("sampling_param_top_p", "FP32"),
    optional("sampling_param_max_tokens", "INT32"),
    optional("sampling_param_frequency_penalty", "FP32"),
    optional("sampling_param_presence_penalty", "FP32"),
    optional("sampling_param_seed", "UINT64"),
    optional("sampling_param_stop", "BYTES", SOME),
    optional("sampling_param_exclude_input_from_output", "BOOL"),
    optional("sampling_param_return_perf_metrics", "BOOL"),
    optional("return_finish_reason", "BOOL"),
    optional("return_stop_reason", "BOOL"),
    optional("return_cumulative_logprob", "BOOL"),
  ],
  outputs: [
    needed("text_output", "BYTES", SOME),
    needed("finish_reason", "BYTES", SOME),
    needed("stop_reason", "BYTES", SOME),
    needed("cumulative_logprob", "FP32", SOME),
  ],
};

const EMBED_TEXT: Tensors = {
  batchMax: 32,
  platform: "python",
  backend: "python",
  inputs: [needed("TEXT", "BYTES")],
  outputs: [needed("EMBEDDING", "FP32", [DIMENSIONS]), needed("TOKENS", "INT32")],
};

const EMBED_IDS: Tensors = {
  batchMax: 32,
  platform: "python",
  backend: "python",
  inputs: [needed("input_ids", "INT64", SOME), needed("attention_mask", "INT64", SOME)],
  outputs: [needed("sentence_embedding", "FP32", [DIMENSIONS])],
};

export const TENSORS: Readonly<Record<ModelKind, Tensors>> = {
  vllm: VLLM,
  tensorrt_llm_bls: BLS,
  ensemble: { ...BLS, platform: "ensemble", backend: "" },
  llmapi: LLMAPI,
  embed_text: EMBED_TEXT,
  embed_ids: EMBED_IDS,
};

/** Models that answer several times, which excludes them from infer. */
export function isDecoupled(kind: ModelKind): boolean {
  return kind !== "embed_text" && kind !== "embed_ids";
}
