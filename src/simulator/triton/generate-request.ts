/** Reads a generate request for any kind of text model: every kind has names of its own for the same things. */
import { type Directives, readDirectives } from "../directives.ts";
import type { Knobs } from "../faults.ts";
import { smallestDocument, SchemaError } from "../schema-document.ts";
import { encode } from "../tokens.ts";
import { isMembers, type Members, only, parseJson, readMembers } from "./fields.ts";
import { type SimulatedModel, TENSORS } from "./models.ts";
import type { Triton } from "./options.ts";
import { TritonError } from "./replies.ts";

/** vLLM's own default when the sampling parameters do not say, in tokens. */
const TOKENS_DEFAULT = 16;
const CHOICES_MAX = 128;
/** `[[call:NAME {…}]]`: the model calls this tool, in hermes form. */
const CALL = /\[\[call:([\w-]+) (\{.*?\})\]\]/s;

export interface GenerateRequest {
  readonly id: string | undefined;
  readonly prompt: string;
  readonly promptIds: readonly number[];
  readonly directives: Directives;
  readonly knobs: Knobs;
  readonly stream: boolean;
  readonly excludeInput: boolean;
  /** The names of the BOOL tensors that were true. */
  readonly wants: ReadonlySet<string>;
  readonly choices: number;
  readonly tokensMax: number;
  readonly tokensMin: number;
  readonly stop: readonly string[];
  readonly seed: number;
  readonly ignoreEnd: boolean;
  /** What a constrained decoder, or a call of a tool, makes the model say. */
  readonly forced: string | undefined;
}

/** An error of the model itself: 400 before the first frame, whatever it is. */
export class ModelError extends Error {}

/** @throws TritonError, ModelError */
export function readGenerate(triton: Triton, model: SimulatedModel, body: Buffer): GenerateRequest {
  const { members, inputs } = readMembers(model, body);
  const wants = new Set(flags(model).filter((name) => only(inputs[name]) === true));
  const { stream, exclude, sampling } = NAMES[model.kind === "vllm" || model.kind === "llmapi" ? model.kind : "tensorrt"](inputs);
  const prompt = only(inputs["text_input"]);
  if (typeof prompt !== "string") throw new ModelError("expected string or bytes-like object, got 'NoneType'");
  const promptIds = encode(prompt);
  const directives = readDirectives(prompt);
  if (model.kind === "vllm" && stream && exclude === false)
    throw new ModelError("When streaming, `exclude_input_in_output` = False is not allowed.");
  return {
    id: idOf(members["id"]),
    prompt,
    promptIds,
    directives,
    knobs: { ...triton.knobs(), ...directives.fail },
    stream,
    excludeInput: stream || exclude === true,
    wants,
    forced: forcedText(sampling, prompt),
    ...limits(triton, sampling, promptIds.length),
  };
}

interface Named {
  readonly stream: boolean;
  readonly exclude: boolean | undefined;
  /** By vLLM's names. */
  readonly sampling: Members;
}

/** How each kind calls the same things. */
const NAMES: Readonly<Record<"vllm" | "tensorrt" | "llmapi", (inputs: Members) => Named>> = {
  vllm: (inputs) => ({
    stream: only(inputs["stream"]) === true,
    exclude: flag(inputs["exclude_input_in_output"]),
    sampling: { ...inputs, ...readSampling(inputs["sampling_parameters"]) },
  }),
  tensorrt: (inputs) => ({
    stream: only(inputs["stream"]) === true,
    exclude: flag(inputs["exclude_input_in_output"]),
    sampling: {
      max_tokens: only(inputs["max_tokens"]),
      min_tokens: only(inputs["min_tokens"]),
      seed: only(inputs["seed"]),
      stop: inputs["stop_words"],
      structured_outputs: tensorGuide(inputs),
    },
  }),
  llmapi: (inputs) => ({
    stream: only(inputs["streaming"]) === true,
    exclude: flag(inputs["sampling_param_exclude_input_from_output"]),
    sampling: {
      max_tokens: only(inputs["sampling_param_max_tokens"]),
      seed: only(inputs["sampling_param_seed"]),
      stop: inputs["sampling_param_stop"],
    },
  }),
};

function flag(value: unknown): boolean | undefined {
  const one = only(value);
  return typeof one === "boolean" ? one : undefined;
}

function flags({ kind }: SimulatedModel): readonly string[] {
  return TENSORS[kind].inputs.filter(({ datatype }) => datatype === "BOOL").map(({ name }) => name);
}

type Limits = Pick<GenerateRequest, "choices" | "tokensMax" | "tokensMin" | "stop" | "seed" | "ignoreEnd">;

function limits(triton: Triton, sampling: Members, promptTokens: number): Limits {
  const context = triton.options.contextTokensMax;
  const asked = numberOf(sampling, "max_tokens") ?? TOKENS_DEFAULT;
  if (asked < 1) throw new ModelError(`max_tokens must be at least 1, got ${asked}.`);
  if (promptTokens >= context)
    throw new ModelError(`The decoder prompt (length ${promptTokens}) is longer than the maximum model length of ${context}.`);
  const stop = sampling["stop"];
  return {
    choices: choicesOf(sampling),
    tokensMax: Math.min(asked, context - promptTokens),
    tokensMin: numberOf(sampling, "min_tokens") ?? 0,
    stop: (Array.isArray(stop) ? stop : [stop]).filter((one) => typeof one === "string"),
    seed: numberOf(sampling, "seed") ?? triton.options.seed,
    ignoreEnd: sampling["ignore_eos"] === true,
  };
}

function choicesOf(sampling: Members): number {
  const choices = numberOf(sampling, "n") ?? 1;
  if (Number.isInteger(choices) && choices >= 1 && choices <= CHOICES_MAX) return choices;
  throw new ModelError(`n must be at least 1, got ${choices}.`);
}

function readSampling(value: unknown): Members {
  if (value === undefined) return {};
  const parsed = parseJson(String(only(value)));
  if (isMembers(parsed)) return parsed;
  throw new ModelError("sampling_parameters is not a JSON object");
}

/** As the vLLM backend has it: a text that holds the guide. */
function tensorGuide(inputs: Members): string | undefined {
  const type = only(inputs["guided_decoding_guide_type"]);
  if (type === undefined) return undefined;
  if (type === "json") return JSON.stringify({ json_object: true });
  if (type === "json_schema") return JSON.stringify({ json: parseJson(String(only(inputs["guided_decoding_guide"]))) });
  throw new ModelError(`unknown guide type ${String(type)}`);
}

function forcedText(sampling: Members, prompt: string): string | undefined {
  const given = sampling["structured_outputs"] ?? sampling["guided_decoding"];
  const guide = given === undefined ? undefined : parseJson(String(given));
  if (isMembers(guide)) return guide["json_object"] === true ? "{}" : documentOf(guide["json"]);
  const [, name, parameters] = CALL.exec(prompt) ?? [];
  return name === undefined ? undefined : `<tool_call>\n{"name": "${name}", "arguments": ${parameters ?? "{}"}}\n</tool_call>`;
}

function documentOf(schema: unknown): string {
  try {
    return JSON.stringify(smallestDocument(schema));
  } catch (error) {
    if (error instanceof SchemaError) throw new ModelError(`Grammar error: ${error.message}`);
    throw error;
  }
}

function idOf(value: unknown): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new TritonError(500, "attempt to access JSON non-string as string");
}

function numberOf(members: Members, name: string): number | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return value;
  throw new ModelError(`${name} must be a number`);
}
