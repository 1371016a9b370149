/** Reads a generate request: flat JSON whose members become tensors, with Triton's own ideas of what is a client's fault. */
import { type Directives, readDirectives } from "../directives.ts";
import type { Knobs } from "../faults.ts";
import { encode } from "../tokens.ts";
import { FLAG_NAMES, INPUT_NAMES } from "./metadata.ts";
import type { Triton } from "./options.ts";
import { TritonError } from "./replies.ts";

/** vLLM's own default when the sampling parameters do not say, in tokens. */
const TOKENS_DEFAULT = 16;

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
  readonly tokensMax: number;
  readonly tokensMin: number;
  readonly stop: readonly string[];
  readonly seed: number;
  readonly ignoreEnd: boolean;
}

/** An error of the model itself: 400 before the first frame, whatever it is. */
export class ModelError extends Error {}

type Members = Readonly<Record<string, unknown>>;

/** @throws TritonError, ModelError */
export function readGenerate(triton: Triton, model: string, body: Buffer): GenerateRequest {
  const members = parse(body);
  const parameters = readParameters(members["parameters"]);
  const inputs: Members = { ...members, ...parameters };
  checkInputs(model, inputs);
  const wants = new Set(FLAG_NAMES.filter((name) => flag(inputs, name)));
  const prompt = inputs["text_input"];
  const sampling = { ...inputs, ...readSampling(inputs["sampling_parameters"]) };
  if (prompt === undefined) throw new ModelError("expected string or bytes-like object, got 'NoneType'");
  const text = textOf(prompt);
  const promptIds = encode(text);
  const directives = readDirectives(text);
  const stream = wants.has("stream");
  if (stream && inputs["exclude_input_in_output"] === false)
    throw new ModelError("When streaming, `exclude_input_in_output` = False is not allowed.");
  return {
    id: idOf(members["id"]),
    prompt: text,
    promptIds,
    directives,
    knobs: { ...triton.knobs(), ...directives.fail },
    stream,
    excludeInput: stream || wants.has("exclude_input_in_output"),
    wants,
    ...limits(triton, sampling, promptIds.length),
  };
}

type Limits = Pick<GenerateRequest, "tokensMax" | "tokensMin" | "stop" | "seed" | "ignoreEnd">;

function limits(triton: Triton, sampling: Members, promptTokens: number): Limits {
  const context = triton.options.contextTokensMax;
  const asked = numberOf(sampling, "max_tokens") ?? TOKENS_DEFAULT;
  if (asked < 1) throw new ModelError(`max_tokens must be at least 1, got ${asked}.`);
  if ((numberOf(sampling, "n") ?? 1) !== 1) throw new ModelError("n must be 1 here.");
  if (promptTokens >= context) throw new ModelError(`The prompt has ${promptTokens} tokens, the model takes ${context}.`);
  const stop = sampling["stop"];
  return {
    tokensMax: Math.min(asked, context - promptTokens),
    tokensMin: numberOf(sampling, "min_tokens") ?? 0,
    stop: (Array.isArray(stop) ? stop : [stop]).filter((one) => typeof one === "string"),
    seed: numberOf(sampling, "seed") ?? triton.options.seed,
    ignoreEnd: sampling["ignore_eos"] === true,
  };
}

function parse(body: Buffer): Members {
  const unparsed = "failed to parse the request JSON buffer: ";
  if (body.length === 0) throw new TritonError(500, `${unparsed}The document is empty. at 0`);
  const value = parseJson(body.toString());
  if (value === undefined) throw new TritonError(500, `${unparsed}Invalid value. at ${body.length}`);
  if (!isMembers(value)) throw new TritonError(500, "attempt to get members for non-object");
  return value;
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** Strings, numbers and booleans alone: a list has to go inside sampling_parameters. */
function readParameters(value: unknown): Members {
  if (value === undefined) return {};
  if (!isMembers(value)) throw new TritonError(500, "attempt to get members for non-object");
  for (const [name, member] of Object.entries(value)) {
    if (["string", "number", "boolean"].includes(typeof member)) continue;
    const must = "It should be either 'int', 'bool', or 'string'.";
    throw new TritonError(400, `Converting keyword: 'parameters': parameter '${name}' has invalid type. ${must}`);
  }
  return value;
}

/** Only their number is checked: one tensor of any name gets through to the model. */
function checkInputs(model: string, inputs: Members): void {
  const given = Object.keys(inputs).filter((name) => INPUT_NAMES.has(name));
  if (given.length > 0) return;
  const expected = `expected number of inputs between 1 and ${INPUT_NAMES.size} but got 0 inputs for model '${model}'.`;
  const missing = "Got input(s) [], but missing required input(s) ['text_input']. Please provide all required input(s).";
  throw new TritonError(400, `[request id: <id_unknown>] ${expected} ${missing}`);
}

function flag(inputs: Members, name: string): boolean {
  const value = inputs[name];
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw new TritonError(500, "Unable to parse 'data': attempt to access JSON non-boolean as boolean");
}

function textOf(value: unknown): string {
  const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof one === "string") return one;
  throw new TritonError(500, "Unable to parse JSON bytes array: attempt to access JSON non-string as string");
}

function readSampling(value: unknown): Members {
  if (value === undefined) return {};
  const parsed = parseJson(textOf(value));
  if (isMembers(parsed)) return parsed;
  throw new ModelError("sampling_parameters is not a JSON object");
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

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
