/** What Triton says of itself and of a model of the vLLM backend. */
import { TRITON_VERSION } from "./options.ts";

const EXTENSIONS = [
  "classification",
  "sequence",
  "model_repository",
  "model_repository(unload_dependents)",
  "schedule_policy",
  "model_configuration",
  "system_shared_memory",
  "cuda_shared_memory",
  "binary_tensor_data",
  "parameters",
  "statistics",
  "trace",
  "logging",
] as const;

export const SERVER = { name: "triton", version: TRITON_VERSION, extensions: EXTENSIONS } as const;

interface Tensor {
  readonly name: string;
  readonly datatype: "BYTES" | "BOOL" | "FP32" | "UINT32";
  readonly shape: readonly [1] | readonly [-1];
}

const ONE = [1] as const;
const SOME = [-1] as const;

const INPUTS: readonly Tensor[] = [
  { name: "text_input", datatype: "BYTES", shape: ONE },
  { name: "image", datatype: "BYTES", shape: SOME },
  { name: "stream", datatype: "BOOL", shape: ONE },
  { name: "sampling_parameters", datatype: "BYTES", shape: ONE },
  { name: "exclude_input_in_output", datatype: "BOOL", shape: ONE },
  { name: "return_finish_reason", datatype: "BOOL", shape: ONE },
  { name: "return_cumulative_logprob", datatype: "BOOL", shape: ONE },
  { name: "return_logprobs", datatype: "BOOL", shape: ONE },
  { name: "return_num_input_tokens", datatype: "BOOL", shape: ONE },
  { name: "return_num_output_tokens", datatype: "BOOL", shape: ONE },
];

const OUTPUTS: readonly Tensor[] = [
  { name: "text_output", datatype: "BYTES", shape: SOME },
  { name: "finish_reason", datatype: "BYTES", shape: SOME },
  { name: "cumulative_logprob", datatype: "FP32", shape: SOME },
  { name: "logprobs", datatype: "BYTES", shape: SOME },
  { name: "num_input_tokens", datatype: "UINT32", shape: ONE },
  { name: "num_output_tokens", datatype: "UINT32", shape: SOME },
];

/** Names of the input tensors, in their order. */
export const INPUT_NAMES: ReadonlySet<string> = new Set(INPUTS.map(({ name }) => name));

/** Input tensors that take true or false. */
export const FLAG_NAMES: readonly string[] = INPUTS.filter(({ datatype }) => datatype === "BOOL").map(({ name }) => name);

export function metadata(name: string): unknown {
  return { name, versions: ["1"], platform: "vllm", inputs: INPUTS, outputs: OUTPUTS };
}

const CONFIG_TYPES = { BYTES: "TYPE_STRING", BOOL: "TYPE_BOOL", FP32: "TYPE_FP32", UINT32: "TYPE_UINT32" } as const;

export function config(name: string): unknown {
  const shared = { is_shape_tensor: false, is_non_linear_format_io: false };
  const input = INPUTS.map(({ name: tensor, datatype, shape }) => ({
    name: tensor,
    data_type: CONFIG_TYPES[datatype],
    format: "FORMAT_NONE",
    dims: shape,
    allow_ragged_batch: false,
    optional: tensor !== "text_input",
    ...shared,
  }));
  const output = OUTPUTS.map(({ name: tensor, datatype, shape }) => ({
    name: tensor,
    data_type: CONFIG_TYPES[datatype],
    dims: shape,
    label_filename: "",
    ...shared,
  }));
  return {
    name,
    platform: "",
    backend: "vllm",
    runtime: "",
    version_policy: { latest: { num_versions: 1 } },
    max_batch_size: 0,
    input,
    output,
    batch_input: [],
    batch_output: [],
    instance_group: [{ name: `${name}_0`, kind: "KIND_MODEL", count: 1, gpus: [] }],
    default_model_filename: "model.py",
    parameters: {},
    model_warmup: [],
    model_transaction_policy: { decoupled: true },
  };
}
