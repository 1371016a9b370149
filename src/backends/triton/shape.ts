/** What one model behind Triton takes and gives, read from its own configuration: releases differ in tensors, so none is assumed that is not there. */
import type { TritonKind, TritonModel } from "../../domain/fleet.ts";
import { isList, isRecord, type Members } from "./body.ts";

export interface GenerateShape {
  readonly kind: "vllm" | "tensorrt_llm" | "llmapi";
  /** Names of its input tensors. */
  readonly inputs: ReadonlySet<string>;
  /** Answers several times; else the whole answer comes in one frame. */
  readonly streams: boolean;
  /** Each frame holds the whole text so far. */
  readonly accumulates: boolean;
}

export interface EmbeddingShape {
  readonly kind: "embedding";
  /** Rows of one request at most; 0: the model knows no batches, and one request is one row. */
  readonly batchMax: number;
  readonly input: { readonly name: string; readonly takes: "text" | "ids"; readonly datatype: TensorType };
  /** Marks what is padding, and what is not. */
  readonly mask: { readonly name: string; readonly datatype: TensorType } | undefined;
  /** Zeros for every token, where the model insists on them. */
  readonly types: { readonly name: string; readonly datatype: TensorType } | undefined;
  readonly output: string;
  /** The output that counts a row's tokens. */
  readonly tokens: string | undefined;
}

export type TensorType = "BYTES" | "INT64" | "INT32";
export type ModelShape = GenerateShape | EmbeddingShape;

const VLLM_FLAGS = [
  "stream",
  "sampling_parameters",
  "exclude_input_in_output",
  "return_finish_reason",
  "return_logprobs",
  "return_num_input_tokens",
  "return_num_output_tokens",
] as const;

/** Inputs that every current release has: for models of a declared kind whose configuration may not be read. */
const USUAL: Readonly<Record<GenerateShape["kind"], ReadonlySet<string>>> = {
  vllm: new Set(["text_input", ...VLLM_FLAGS]),
  tensorrt_llm: new Set(
    "text_input max_tokens stop_words stream exclude_input_in_output temperature top_p top_k seed presence_penalty frequency_penalty repetition_penalty min_tokens return_num_input_tokens return_num_output_tokens".split(
      " ",
    ),
  ),
  llmapi: new Set(
    "text_input streaming return_finish_reason sampling_param_max_tokens sampling_param_stop sampling_param_temperature sampling_param_top_p sampling_param_top_k sampling_param_seed sampling_param_presence_penalty sampling_param_frequency_penalty sampling_param_exclude_input_from_output".split(
      " ",
    ),
  ),
};

/** What is known of a model whose configuration cannot be read: nothing, unless its kind is declared and always looks the same. */
export function usualShape(declared: TritonModel | undefined): ModelShape | undefined {
  const kind = declared?.kind;
  if (kind === undefined || kind === "embedding") return undefined;
  return { kind, inputs: USUAL[kind], streams: true, accumulates: declared?.accumulates ?? false };
}

interface Tensor {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly unknown[];
  readonly optional: boolean;
}

/** The shape behind the text of /v2/models/M/config; undefined when it is of no kind that can be served. */
export function shapeOf(config: string): ModelShape | undefined {
  const value = parse(config);
  if (value === undefined) return undefined;
  const inputs = tensors(value["input"]);
  const outputs = tensors(value["output"]);
  const kind = kindOf(inputs, outputs);
  if (kind === undefined) return undefined;
  if (kind === "embedding") return embeddingShape(value, inputs, outputs);
  return {
    kind,
    inputs: new Set(inputs.map(({ name }) => name)),
    streams: streamsOf(value),
    accumulates: parameter(value, "accumulate_tokens") === "true",
  };
}

function kindOf(inputs: readonly Tensor[], outputs: readonly Tensor[]): TritonKind | undefined {
  const has = (name: string): boolean => inputs.some((tensor) => tensor.name === name);
  if (has("text_input") && outputs.some(({ name }) => name === "text_output")) {
    if (has("sampling_parameters")) return "vllm";
    if (has("sampling_param_max_tokens")) return "llmapi";
    return has("max_tokens") ? "tensorrt_llm" : undefined;
  }
  return vectorOf(outputs) === undefined ? undefined : "embedding";
}

/** An ensemble is as its members are, and does not say. */
function streamsOf(config: Members): boolean {
  const policy = config["model_transaction_policy"];
  return config["platform"] === "ensemble" || (isRecord(policy) && policy["decoupled"] === true);
}

function embeddingShape(config: Members, inputs: readonly Tensor[], outputs: readonly Tensor[]): EmbeddingShape | undefined {
  const vector = vectorOf(outputs);
  const needed = inputs.filter(({ optional }) => !optional);
  const mask = needed.find(({ name }) => /mask/.test(name));
  const types = needed.find(({ name }) => /token_type|segment/.test(name));
  const [input, ...others] = needed.filter((tensor) => tensor !== mask && tensor !== types);
  const datatype = input === undefined ? undefined : typeOf(input);
  if (vector === undefined || input === undefined || datatype === undefined || others.length > 0) return undefined;
  const { max_batch_size: batch } = config;
  return {
    kind: "embedding",
    batchMax: typeof batch === "number" ? batch : 0,
    input: { name: input.name, takes: datatype === "BYTES" ? "text" : "ids", datatype },
    mask: named(mask),
    types: named(types),
    output: vector.name,
    tokens: outputs.find(({ name, type }) => /token/i.test(name) && /^TYPE_U?INT/.test(type))?.name,
  };
}

/** One row of floats for each input; a row for each token would have to be pooled first, and nobody says how. */
function vectorOf(outputs: readonly Tensor[]): Tensor | undefined {
  const vectors = outputs.filter(({ type, dims }) => type === "TYPE_FP32" && dims.length === 1);
  return vectors.length === 1 ? vectors[0] : vectors.find(({ name }) => /embed/i.test(name));
}

function named(tensor: Tensor | undefined): EmbeddingShape["mask"] {
  const datatype = tensor === undefined ? undefined : typeOf(tensor);
  return tensor === undefined || datatype === undefined ? undefined : { name: tensor.name, datatype };
}

function typeOf({ type }: Tensor): TensorType | undefined {
  if (type === "TYPE_STRING") return "BYTES";
  return type === "TYPE_INT64" ? "INT64" : type === "TYPE_INT32" ? "INT32" : undefined;
}

function tensors(list: unknown): readonly Tensor[] {
  if (!isList(list)) return [];
  return list.flatMap((tensor) => {
    if (!isRecord(tensor)) return [];
    const { name, data_type: type, dims, optional } = tensor;
    if (typeof name !== "string" || typeof type !== "string") return [];
    return [{ name, type, dims: isList(dims) ? dims : [], optional: optional === true }];
  });
}

function parameter(config: Members, name: string): unknown {
  const all = config["parameters"];
  const one = isRecord(all) ? all[name] : undefined;
  return isRecord(one) ? one["string_value"] : undefined;
}

function parse(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
