/** What Triton says of itself and of its models. */
import { isDecoupled, type SimulatedModel, type Tensor, TENSORS } from "./models.ts";
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

/** Shapes with the batch in front, where there is one. */
export function metadata({ name, kind }: SimulatedModel): unknown {
  const { inputs, outputs, batchMax, platform } = TENSORS[kind];
  const shown = ({ name: tensor, datatype, shape }: Tensor): unknown => ({
    name: tensor,
    datatype,
    shape: batchMax === 0 ? shape : [-1, ...shape],
  });
  return { name, versions: ["1"], platform, inputs: inputs.map(shown), outputs: outputs.map(shown) };
}

export function config(model: SimulatedModel): unknown {
  const { name, kind } = model;
  const { inputs, outputs, batchMax, platform, backend } = TENSORS[kind];
  const ensemble = platform === "ensemble";
  return {
    name,
    platform: ensemble ? platform : "",
    backend,
    runtime: "",
    version_policy: { latest: { num_versions: 1 } },
    max_batch_size: batchMax,
    input: inputs.map(configuredInput),
    output: outputs.map(configuredOutput),
    batch_input: [],
    batch_output: [],
    ...(ensemble ? ENSEMBLE : { instance_group: [{ name: `${name}_0`, kind: "KIND_MODEL", count: 1, gpus: [] }] }),
    default_model_filename: ensemble ? "" : "model.py",
    parameters: parametersOf(model),
    model_warmup: [],
    // An ensemble is as its members are, and says nothing of it.
    ...(isDecoupled(kind) && !ensemble ? { model_transaction_policy: { decoupled: true } } : {}),
  };
}

const ENSEMBLE = {
  ensemble_scheduling: { step: ["preprocessing", "tensorrt_llm", "postprocessing"].map((one) => ({ model_name: one, model_version: -1 })) },
} as const;

function parametersOf({ kind, accumulates }: SimulatedModel): unknown {
  return kind === "tensorrt_llm_bls" ? { accumulate_tokens: { string_value: String(accumulates) } } : {};
}

const SHARED = { is_shape_tensor: false, is_non_linear_format_io: false } as const;

function configuredInput({ name, datatype, shape, optional }: Tensor): unknown {
  const type = configType(datatype);
  return { name, data_type: type, format: "FORMAT_NONE", dims: shape, allow_ragged_batch: false, optional, ...SHARED };
}

function configuredOutput({ name, datatype, shape }: Tensor): unknown {
  return { name, data_type: configType(datatype), dims: shape, label_filename: "", ...SHARED };
}

function configType(datatype: Tensor["datatype"]): string {
  return `TYPE_${datatype === "BYTES" ? "STRING" : datatype}`;
}
