/** What the tests of Triton's adapter share: models as operators declare them, and engines that have looked at a real one's configuration. */
import type { ReadingPlan } from "../../../../src/backends/triton/choice.ts";
import { TritonEngine } from "../../../../src/backends/triton/engine.ts";
import type { Backend, TritonModel } from "../../../../src/domain/fleet.ts";
import { tritonAnswer } from "../../../fixtures/engines/read.ts";
import { asking, backendOf, type BackendOptions } from "../support.ts";

export const DECLARED: TritonModel = {
  kind: undefined,
  accumulates: undefined,
  echoes: false,
  addsBos: true,
  toolFormat: undefined,
  guideName: "structured_outputs",
  specialTokens: [],
};

/** An LLM API model as its repository describes it; none ran when the others were recorded. */
const LLMAPI = {
  name: "llmapi",
  backend: "python",
  max_batch_size: 64,
  model_transaction_policy: { decoupled: true },
  input: [
    ["text_input", "STRING"],
    ["streaming", "BOOL"],
    ["sampling_param_max_tokens", "INT32"],
    ["sampling_param_temperature", "FP32"],
    ["sampling_param_top_k", "INT32"],
    ["sampling_param_seed", "UINT64"],
    ["sampling_param_stop", "STRING"],
    ["sampling_param_exclude_input_from_output", "BOOL"],
    ["return_finish_reason", "BOOL"],
  ].map(([name, type]) => ({ name, data_type: `TYPE_${type ?? ""}`, dims: [1], optional: name !== "text_input" })),
  output: [{ name: "text_output", data_type: "TYPE_STRING", dims: [-1] }],
};

/** What a model says of itself. */
export function configOf(model: string): string {
  return model === "llmapi" ? JSON.stringify(LLMAPI) : tritonAnswer(`40-config-${model}`).body.toString();
}

/** The same with parts of it replaced. */
export function changed(model: string, parts: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...JSON.parse(configOf(model)), ...parts });
}

export interface Seen {
  readonly engine: TritonEngine;
  readonly backend: Backend;
}

/** An engine whose probe has seen a model. */
export async function seen(model: string, options: BackendOptions & { readonly config?: string } = {}): Promise<Seen> {
  const engine = new TritonEngine();
  const backend = backendOf("triton", { servedName: model, ...options });
  const path = `/v2/models/${model}`;
  const pages = {
    [`${path}/ready`]: { status: 200, body: "" },
    [`${path}/config`]: { status: 200, body: options.config ?? configOf(model) },
  };
  await engine.probe(backend, asking(pages));
  return { engine, backend };
}

/** An answer that is read as it comes, whose engine says why it ends. */
export const PLAN: ReadingPlan = {
  manner: { accumulates: false, echo: "" },
  stops: [],
  tellsReason: true,
  tokensMax: 100,
  toolUse: undefined,
  logprobs: undefined,
};
