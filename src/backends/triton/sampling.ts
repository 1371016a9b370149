/** Which of OpenAI's parameters Triton's vLLM backend can honour, as tables: what is in none of them is refused, never dropped. */
import type { Call } from "../../domain/call.ts";
import type { Model } from "../../domain/fleet.ts";
import { isGiven, unsupported, wrongType } from "./prompt.ts";

/** OpenAI's default for completions; the engine's own default is the same for everything. */
const COMPLETION_TOKENS_DEFAULT = 16;

/** Read elsewhere: the prompt, the counts that the call carries already, and what shapes the answer on our side. */
const READ_ELSEWHERE: ReadonlySet<string> = new Set([
  "messages",
  "prompt",
  "model",
  "stream",
  "stream_options",
  "max_tokens",
  "max_completion_tokens",
]);

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
  ["n", ["1"]],
  ["best_of", ["1"]],
  ["logprobs", ["false"]],
  ["top_logprobs", ["0"]],
  ["response_format", ['{"type":"text"}']],
  ["tools", ["[]"]],
  ["tool_choice", ['"none"', '"auto"']],
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

/** Passed on under the same name. */
const SAMPLING: ReadonlyMap<string, { readonly test: Test; readonly expected: string }> = new Map([
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

/**
 * The engine's sampling parameters as the JSON text it wants (an object would be a 500).
 * @throws Fault unsupported_parameter, invalid_type
 */
export function samplingParameters(call: Call, model: Model, body: Readonly<Record<string, unknown>>): string {
  const sampling: Record<string, unknown> = { max_tokens: completionTokens(call, model) };
  for (const [name, value] of Object.entries(body)) {
    if (!isGiven(value) || READ_ELSEWHERE.has(name) || WITHOUT_EFFECT.has(name)) continue;
    if (NEUTRAL.get(name)?.includes(JSON.stringify(value)) === true) continue;
    if (name === "stop") {
      sampling["stop"] = stopStrings(value);
      continue;
    }
    const rule = SAMPLING.get(name);
    if (rule === undefined) throw unsupported(name);
    if (!rule.test(value)) throw wrongType(name, rule.expected);
    sampling[name] = value;
  }
  return JSON.stringify(sampling);
}

/** Always said, since the engine would stop after 16 tokens on its own account. */
function completionTokens(call: Call, model: Model): number {
  const most = model.completionTokensMax ?? model.contextTokensMax;
  const wanted = call.completionTokensAsked ?? (call.capability === "completions" ? COMPLETION_TOKENS_DEFAULT : most);
  return Math.min(wanted, most);
}

function stopStrings(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((each) => {
    if (typeof each !== "string") throw wrongType("stop", "a string or an array of strings");
    return each;
  });
}
