/** The members that chat and completions have in common, checked in vLLM's words. */
import { BOUNDS } from "../../bounds.ts";
import type { Vllm } from "./options.ts";
import type { Fields } from "./fields.ts";
import { badRequest, invalid, unknownModel } from "./refusal.ts";

export interface Sampling {
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Usage in every frame. */
  readonly continuousUsage: boolean;
  readonly choices: number;
  readonly stop: readonly string[];
  readonly tokensMin: number;
  readonly ignoreEnd: boolean;
  readonly seed: number;
  /** cache_salt as a number; 0 without one. */
  readonly salt: string;
  /** Chosen id of the request, without its prefix. */
  readonly requestId: string | undefined;
}

/** @throws Refusal */
export function readSampling(vllm: Vllm, fields: Fields): Sampling {
  checkModel(vllm, fields);
  const stream = fields.boolean("stream") ?? false;
  const options = fields.object("stream_options");
  if (options !== undefined && !stream) {
    throw badRequest("Stream options can only be defined when `stream=True`. (parameter=stream_options)", "stream_options");
  }
  const forced = vllm.options.forceIncludeUsage;
  return {
    stream,
    includeUsage: forced || (options?.boolean("include_usage") ?? false),
    continuousUsage: forced || (options?.boolean("continuous_usage_stats") ?? false),
    choices: readChoices(fields),
    stop: readStop(fields),
    tokensMin: fields.integer("min_tokens") ?? 0,
    ignoreEnd: fields.boolean("ignore_eos") ?? false,
    seed: fields.integer("seed") ?? vllm.options.seed,
    salt: fields.string("cache_salt") ?? "",
    requestId: fields.string("request_id"),
  };
}

/** The model may be left out; any served name is good. @throws Refusal */
export function checkModel(vllm: Vllm, fields: Fields): void {
  const model = fields.string("model");
  const { models, runner } = vllm.options;
  if (model !== undefined && !models.includes(model)) throw unknownModel(model, runner === "generate" ? models : undefined);
}

function readChoices(fields: Fields): number {
  const temperature = fields.number("temperature");
  const topP = fields.number("top_p");
  if (temperature !== undefined && temperature < 0) {
    const shown = decimal(temperature);
    throw badRequest(`temperature must be non-negative, got ${shown}. (parameter=temperature, value=${shown})`, "temperature");
  }
  if (topP !== undefined && (topP <= 0 || topP > 1)) {
    throw badRequest(`top_p must be in (0, 1], got ${decimal(topP)}. (parameter=top_p, value=${decimal(topP)})`, "top_p");
  }
  const choices = fields.integer("n") ?? 1;
  if (choices < 1) throw badRequest(`n must be at least 1, got ${choices}.`);
  if (choices > 1 && temperature === 0) throw badRequest(`n must be 1 when using greedy sampling, got ${choices}.`);
  if (choices > BOUNDS.choicesMax) throw badRequest(`n must be at most ${BOUNDS.choicesMax}, got ${choices}.`);
  return choices;
}

/** A float as Python prints it. */
function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function readStop(fields: Fields): readonly string[] {
  const stop = fields.any("stop");
  if (typeof stop === "string") return [stop];
  const list = fields.list("stop") ?? [];
  const strings = list.filter((one) => typeof one === "string");
  if (strings.length !== list.length) {
    throw invalid({
      type: "string_type",
      loc: "body.stop",
      msg: "Input should be a valid string",
      input: `<list of ${list.length} items>`,
    });
  }
  return strings;
}

/** Tokens of one answer at most. @throws Refusal when prompt and answer do not fit the context */
export function tokensMax(vllm: Vllm, asked: number | undefined, promptTokens: number): number {
  const context = vllm.options.contextTokensMax;
  if (asked !== undefined && asked < 1) {
    throw badRequest(`max_tokens must be at least 1, got ${asked}. (parameter=max_tokens, value=${asked})`, "max_tokens");
  }
  if (asked !== undefined && asked > context) {
    const advice = "Please request fewer output tokens.";
    const message = `max_tokens=${asked} cannot be greater than max_model_len=${context}. ${advice} (parameter=max_tokens, value=${asked})`;
    throw badRequest(message, "max_tokens");
  }
  if (promptTokens + Math.max(1, asked ?? 1) > context) throw tooLong(context, promptTokens, asked);
  return asked ?? context - promptTokens;
}

function tooLong(context: number, promptTokens: number, asked: number | undefined): ReturnType<typeof badRequest> {
  const why =
    promptTokens >= context || asked === undefined
      ? `your prompt contains ${promptTokens} input tokens, which exceeds this limit even without any output tokens`
      : `you requested ${asked} output tokens and your prompt contains ${promptTokens} input tokens`;
  const message = `This model's maximum context length is ${context} tokens. However, ${why}. Please reduce the length of the input prompt.`;
  return badRequest(`${message} (parameter=input_tokens, value=${promptTokens})`, "input_tokens");
}
