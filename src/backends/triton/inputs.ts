/** A text call as the tensors of each kind of model: what a model has no tensor for is refused, never dropped. */
import type { GuideName } from "../../domain/fleet.ts";
import { type Members, unsupported, wrongValue } from "./body.ts";
import { type Guide, guideParam } from "./guide.ts";
import type { Sampling } from "./sampling.ts";
import type { GenerateShape } from "./shape.ts";

export interface Wanted {
  readonly prompt: string;
  readonly sampling: Sampling;
  readonly guide: Guide | undefined;
  readonly guideName: GuideName;
  /** Texts at which the engine should stop besides the caller's own: the end of a turn. */
  readonly turnEnds: readonly string[];
  /** The marks around tool calls have to be seen, though the tokenizer counts them as special. */
  readonly showSpecial: boolean;
}

type Inputs = Record<string, unknown>;

/** Everything but the id of a generate request. @throws Fault unsupported_parameter, invalid_value */
export function inputsOf(wanted: Wanted, shape: GenerateShape): Members {
  if (shape.kind === "vllm") return vllmInputs(wanted, shape);
  return shape.kind === "llmapi" ? llmapiInputs(wanted, shape) : tensorrtInputs(wanted, shape);
}

/** A tensor that the model has; releases that lack it do without. */
function set(inputs: Inputs, shape: GenerateShape, name: string, value: unknown): void {
  if (shape.inputs.has(name)) inputs[name] = value;
}

function vllmInputs(wanted: Wanted, shape: GenerateShape): Inputs {
  const { sampling, prompt } = wanted;
  const inputs: Inputs = { text_input: prompt, stream: shape.streams, exclude_input_in_output: true };
  // An object would be a 500: it has to be a text.
  inputs["sampling_parameters"] = JSON.stringify(samplingParameters(wanted));
  set(inputs, shape, "return_finish_reason", true);
  set(inputs, shape, "return_num_input_tokens", true);
  set(inputs, shape, "return_num_output_tokens", true);
  if (sampling.logprobs === undefined) return inputs;
  if (!shape.inputs.has("return_logprobs")) throw unsupported("logprobs");
  inputs["return_logprobs"] = true;
  return inputs;
}

function samplingParameters({ sampling, guide, guideName, showSpecial }: Wanted): Inputs {
  const { tokensMax, choices, stop, logprobs, parameters } = sampling;
  const made: Inputs = { max_tokens: tokensMax, ...Object.fromEntries(parameters) };
  if (choices > 1) made["n"] = choices;
  if (stop.length > 0) made["stop"] = stop;
  if (logprobs !== undefined) made["logprobs"] = logprobs;
  if (showSpecial) made["skip_special_tokens"] = false;
  if (guide === undefined) return made;
  if (guideName === "none") throw unsupported(guideParam(guide));
  // A text inside the text: the backend parses it once more.
  made[guideName] = JSON.stringify(guide.kind === "json" ? { json_object: true } : { json: guide.schema });
  return made;
}

/** Names that changed between releases, newest first. */
const TENSORRT_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ["seed", ["seed", "random_seed"]],
  ["min_tokens", ["min_tokens", "min_length"]],
]);

function tensorrtInputs(wanted: Wanted, shape: GenerateShape): Inputs {
  const { sampling, prompt, guide, turnEnds } = wanted;
  const inputs: Inputs = { text_input: prompt, max_tokens: sampling.tokensMax };
  refuseBeyondText(wanted);
  set(inputs, shape, "stream", shape.streams);
  set(inputs, shape, "exclude_input_in_output", true);
  set(inputs, shape, "return_num_input_tokens", true);
  set(inputs, shape, "return_num_output_tokens", true);
  const stop = [...sampling.stop, ...turnEnds];
  if (stop.length > 0) set(inputs, shape, "stop_words", stop);
  for (const [name, value] of sampled(sampling)) {
    const tensor = (TENSORRT_NAMES.get(name) ?? [name]).find((each) => shape.inputs.has(each));
    if (tensor === undefined) throw unsupported(name);
    inputs[tensor] = value;
  }
  if (guide === undefined) return inputs;
  if (!shape.inputs.has("guided_decoding_guide_type")) throw unsupported(guideParam(guide));
  inputs["guided_decoding_guide_type"] = guide.kind === "json" ? "json" : "json_schema";
  if (guide.kind === "schema") inputs["guided_decoding_guide"] = JSON.stringify(guide.schema);
  return inputs;
}

const LLMAPI_PREFIX = "sampling_param_";

function llmapiInputs(wanted: Wanted, shape: GenerateShape): Inputs {
  const { sampling, prompt, guide, turnEnds } = wanted;
  const inputs: Inputs = { text_input: prompt, [`${LLMAPI_PREFIX}max_tokens`]: sampling.tokensMax };
  refuseBeyondText(wanted);
  if (guide !== undefined) throw unsupported(guideParam(guide));
  set(inputs, shape, "streaming", shape.streams);
  set(inputs, shape, `${LLMAPI_PREFIX}exclude_input_from_output`, true);
  set(inputs, shape, "return_finish_reason", true);
  const stop = [...sampling.stop, ...turnEnds];
  if (stop.length > 0) set(inputs, shape, `${LLMAPI_PREFIX}stop`, stop);
  for (const [name, value] of sampled(sampling)) {
    if (!shape.inputs.has(LLMAPI_PREFIX + name)) throw unsupported(name);
    inputs[LLMAPI_PREFIX + name] = value;
  }
  return inputs;
}

/** One answer, and no numbers with it. */
function refuseBeyondText({ sampling, showSpecial }: Wanted): void {
  if (sampling.choices > 1) throw unsupported("n");
  if (sampling.logprobs !== undefined) throw unsupported("logprobs");
  // Which tokens are shown is settled when such a model is built.
  if (showSpecial) throw unsupported("tools");
}

/** TensorRT-LLM divides by the temperature: none at all is said as the one best token. */
function sampled({ parameters }: Sampling): ReadonlyMap<string, number | boolean> {
  const seed = parameters.get("seed");
  if (typeof seed === "number" && (seed < 0 || !Number.isSafeInteger(seed))) throw wrongValue("seed", "expected a whole number from 0 up");
  if (parameters.get("temperature") !== 0) return parameters;
  const greedy = new Map(parameters).set("top_k", 1);
  greedy.delete("temperature");
  return greedy;
}
