/** Which of OpenAI's parameters a text model behind Triton may honour, as tables: what is in none of them is refused, never dropped. */
import type { Call } from "../../domain/call.ts";
import type { Model } from "../../domain/fleet.ts";
import { isGiven, isList, type Members, unsupported, wrongType, wrongValue } from "./body.ts";

/** OpenAI's default for completions; the engine's own default is the same for everything. */
const COMPLETION_TOKENS_DEFAULT = 16;

/** Read elsewhere: the prompt and its tools, the counts that the call carries already, and what shapes the answer on our side. */
const READ_ELSEWHERE: ReadonlySet<string> = new Set([
  "messages",
  "prompt",
  "model",
  "stream",
  "stream_options",
  "max_tokens",
  "max_completion_tokens",
  "n",
  "stop",
  "logprobs",
  "top_logprobs",
]);

/** Read elsewhere, but in chat alone. */
const CHAT_ONLY: ReadonlySet<string> = new Set(["tools", "tool_choice", "response_format", "chat_template_kwargs"]);

/** Says something about the caller, not about the answer. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  "user",
  "metadata",
  "store",
  "service_tier",
  "safety_identifier",
  "prompt_cache_key",
  "parallel_tool_calls",
]);

/** Unsupported, but these values ask for nothing. Written as JSON. */
const NEUTRAL: ReadonlyMap<string, readonly string[]> = new Map([
  ["best_of", ["1"]],
  ["functions", ["[]"]],
  ["function_call", ['"none"', '"auto"']],
  ["echo", ["false"]],
  ["suffix", ['""']],
  ["logit_bias", ["{}"]],
  ["modalities", ['["text"]']],
]);

type Test = (value: unknown) => boolean;
const isNumber: Test = (value) => typeof value === "number";
const isWhole: Test = (value) => Number.isInteger(value);
const isFlag: Test = (value) => typeof value === "boolean";

const RULES: ReadonlyMap<string, { readonly test: Test; readonly expected: string }> = new Map([
  ["temperature", { test: isNumber, expected: "a number" }],
  ["top_p", { test: isNumber, expected: "a number" }],
  ["min_p", { test: isNumber, expected: "a number" }],
  ["top_k", { test: isWhole, expected: "an integer" }],
  ["presence_penalty", { test: isNumber, expected: "a number" }],
  ["frequency_penalty", { test: isNumber, expected: "a number" }],
  ["repetition_penalty", { test: isNumber, expected: "a number" }],
  ["seed", { test: isWhole, expected: "an integer" }],
  ["min_tokens", { test: isWhole, expected: "an integer" }],
  ["ignore_eos", { test: isFlag, expected: "a boolean" }],
  ["skip_special_tokens", { test: isFlag, expected: "a boolean" }],
]);

/** What is asked of the sampler, in no engine's words yet. */
export interface Sampling {
  readonly tokensMax: number;
  readonly choices: number;
  readonly stop: readonly string[];
  /** How many alternatives to each token come with their log probabilities; undefined: none are wanted at all. */
  readonly logprobs: number | undefined;
  /** By OpenAI's (or vLLM's) names. */
  readonly parameters: ReadonlyMap<string, number | boolean>;
}

/** @throws Fault unsupported_parameter, invalid_type, invalid_value */
export function readSampling(call: Call, model: Model, body: Members): Sampling {
  const parameters = new Map<string, number | boolean>();
  for (const [name, value] of Object.entries(body)) {
    if (!isGiven(value) || READ_ELSEWHERE.has(name) || WITHOUT_EFFECT.has(name)) continue;
    if (call.capability === "chat" && CHAT_ONLY.has(name)) continue;
    if (NEUTRAL.get(name)?.includes(JSON.stringify(value)) === true) continue;
    const rule = RULES.get(name);
    if (rule === undefined) throw unsupported(name);
    if (!rule.test(value)) throw wrongType(name, rule.expected);
    if (typeof value === "number" || typeof value === "boolean") parameters.set(name, value);
  }
  return {
    tokensMax: completionTokens(call, model),
    choices: call.choices,
    stop: stopStrings(body["stop"]),
    logprobs: call.capability === "chat" ? chatLogprobs(body) : count(body["logprobs"], "logprobs"),
    parameters,
  };
}

/** Always said, since the engine would stop after 16 tokens on its own account. */
function completionTokens(call: Call, model: Model): number {
  const most = model.completionTokensMax ?? model.contextTokensMax;
  const wanted = call.completionTokensAsked ?? (call.capability === "completions" ? COMPLETION_TOKENS_DEFAULT : most);
  return Math.min(wanted, most);
}

/** The empty one would stop everything at once. */
function stopStrings(value: unknown): readonly string[] {
  if (!isGiven(value)) return [];
  return (isList(value) ? value : [value]).map((each) => {
    if (typeof each !== "string") throw wrongType("stop", "a string or an array of strings");
    if (each === "") throw wrongValue("stop", "a stop sequence must not be empty");
    return each;
  });
}

function chatLogprobs(body: Members): number | undefined {
  const top = count(body["top_logprobs"], "top_logprobs") ?? 0;
  if (body["logprobs"] === true) return top;
  if (top > 0) throw wrongValue("top_logprobs", "'logprobs' must be true");
  return undefined;
}

function count(value: unknown, name: string): number | undefined {
  if (!isGiven(value)) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= LOGPROBS_MAX) return value;
  throw wrongValue(name, `expected a whole number from 0 to ${String(LOGPROBS_MAX)}`);
}

/** As OpenAI has it. */
const LOGPROBS_MAX = 20;
