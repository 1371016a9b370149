/**
 * What a caller is charged for, whatever the engine says about it. The rules are numbered in docs/reference/usage-rules.md; the numbers
 * in the comments here and in the tests are those.
 */
import { NO_USAGE, type Observed, type Outcome, type Usage, type UsageSource } from "../domain/usage.ts";

/** What had to be corrected or was odd; for metrics and the operator's log. */
export type Anomaly =
  | "usage_absent"
  | "prompt_absent"
  | "completion_absent"
  | "prompt_absurd"
  | "completion_absurd"
  | "cached_absurd"
  | "zero_with_output"
  | "unfinished";

/** What one request may use at most, in tokens. */
export interface UsageBounds {
  readonly promptTokensEstimate: number;
  readonly promptTokensMax: number;
  /** Of all choices together. */
  readonly completionTokensMax: number;
}

export interface Judgement {
  readonly usage: Usage;
  readonly anomalies: readonly Anomaly[];
}

/** A guess for text whose tokens nobody counted. */
const BYTES_PER_TOKEN = 4;
const NOTHING: Judgement = { usage: NO_USAGE, anomalies: [] };

/**
 * The usage of an answer that has ended, or would be charged if it ended now (outcome "crashed": what a checkpoint writes).
 * Never above the bounds, always whole numbers, and cachedTokens <= promptTokens.
 */
export function judge(observed: Observed, bounds: UsageBounds, outcome: Outcome): Judgement {
  if (producedNothing(observed, outcome)) return NOTHING;
  const anomalies: Anomaly[] = [];
  if (observed.reported === undefined) anomalies.push("usage_absent");
  if (!observed.finished) anomalies.push("unfinished");
  const prompt = promptOf(observed, bounds, anomalies);
  const completion = completionOf(observed, bounds.completionTokensMax, anomalies);
  const usage = {
    promptTokens: prompt.tokens,
    cachedTokens: cachedOf(observed, prompt, anomalies),
    completionTokens: completion.tokens,
    source: weaker(prompt.source, completion.source),
  };
  return { usage, anomalies };
}

interface Count {
  readonly tokens: number;
  readonly source: Exclude<UsageSource, "none">;
}

/** U13, U15: the caller got no output. A whole answer may be empty of text and still be one: an embedding, a completion of no tokens. */
function producedNothing(observed: Observed, outcome: Outcome): boolean {
  if (observed.frames > 0 || observed.textBytes > 0) return false;
  if (outcome === "failed") return true;
  return !observed.finished && (outcome !== "served" || observed.reported === undefined);
}

function promptOf({ reported }: Observed, bounds: UsageBounds, anomalies: Anomaly[]): Count {
  const stated = reported?.promptTokens;
  if (stated !== undefined && isCountUpTo(stated, bounds.promptTokensMax)) return { tokens: stated, source: "backend" };
  if (reported !== undefined) anomalies.push(stated === undefined ? "prompt_absent" : "prompt_absurd");
  return { tokens: Math.min(bounds.promptTokensEstimate, bounds.promptTokensMax), source: "estimated" };
}

function completionOf(observed: Observed, tokensMax: number, anomalies: Anomaly[]): Count {
  const stated = observed.reported?.completionTokens;
  if (stated !== undefined && isCountUpTo(stated, tokensMax)) return statedCompletion(stated, observed, { tokensMax, anomalies });
  if (stated !== undefined) anomalies.push("completion_absurd");
  // U11: where no completion can be, there is nothing to count, and its absence says nothing.
  if (tokensMax === 0) return { tokens: 0, source: "backend" };
  if (stated === undefined && observed.reported !== undefined) anomalies.push("completion_absent");
  return countedCompletion(observed, tokensMax);
}

/** U1 to U4. U16: an answer that was cut may have gone on after its last statement; every frame of output is a token at least. */
function statedCompletion(
  stated: number,
  observed: Observed,
  { tokensMax, anomalies }: { tokensMax: number; anomalies: Anomaly[] },
): Count {
  if (stated === 0 && observed.textBytes > 0) anomalies.push("zero_with_output");
  const frames = Math.min(observed.frames, tokensMax);
  if (observed.finished || frames <= stated) return { tokens: stated, source: "backend" };
  return { tokens: frames, source: "counted" };
}

/** U5, U9: what was relayed, as frames where they say more, as bytes where several tokens came in one frame. */
function countedCompletion({ frames, textBytes }: Observed, tokensMax: number): Count {
  const guessed = Math.ceil(textBytes / BYTES_PER_TOKEN);
  return { tokens: Math.min(Math.max(frames, guessed), tokensMax), source: frames >= guessed ? "counted" : "estimated" };
}

/** U10: only the engine's own prompt count has a cached part. */
function cachedOf({ reported }: Observed, prompt: Count, anomalies: Anomaly[]): number {
  const stated = reported?.cachedTokens;
  if (stated === undefined) return 0;
  if (prompt.source === "backend" && isCountUpTo(stated, prompt.tokens)) return stated;
  anomalies.push("cached_absurd");
  return 0;
}

/** U7, U8: a whole number from 0 that is not above what is possible. */
function isCountUpTo(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= max;
}

const WEAKNESS = { backend: 0, counted: 1, estimated: 2 } as const satisfies Record<Count["source"], number>;

function weaker(one: Count["source"], other: Count["source"]): Count["source"] {
  return WEAKNESS[one] >= WEAKNESS[other] ? one : other;
}
