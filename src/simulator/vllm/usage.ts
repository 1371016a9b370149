/** Token counts as vLLM states them, and as a broken engine would. */
import type { Knobs } from "../faults.ts";
import type { Tally } from "../generation.ts";

export interface Counts {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
}

/** The prompt counts once, however many answers it gets; so does its part that was cached. */
export function countsOf(promptTokens: number, choices: number, tally: Tally): Counts {
  return { promptTokens, completionTokens: tally.tokens, cachedTokens: Math.floor(tally.cachedTokens / Math.max(1, choices)) };
}

/** No answer can have so many. */
const ABSURD_TOKENS = 1_000_000_000_000;

/** The counts a knob makes of the true ones. */
export function stated(counts: Counts, knobs: Knobs): Counts {
  if (knobs.usage === "zero") return { promptTokens: 0, completionTokens: 0, cachedTokens: 0 };
  if (knobs.usage === "absurd") return { ...counts, completionTokens: ABSURD_TOKENS };
  if (knobs.usage === "negative") return { ...counts, completionTokens: -Math.max(1, counts.completionTokens) };
  return counts;
}

function sums({ promptTokens, completionTokens }: Counts): Record<string, unknown> {
  return { prompt_tokens: promptTokens, total_tokens: promptTokens + completionTokens, completion_tokens: completionTokens };
}

/** Usage of an answer in one piece. Null when the knob says so. */
export function wholeUsage(counts: Counts, knobs: Knobs, details: boolean): unknown {
  if (knobs.usage === "absent") return null;
  const of = stated(counts, knobs);
  const cached = { cached_tokens: of.cachedTokens, created_cache_tokens: 0, multimodal_tokens: null };
  return { ...sums(of), prompt_tokens_details: details ? cached : null, completion_tokens_details: null };
}

/** Usage inside a chat frame that has content. */
export function runningUsage(counts: Counts, knobs: Knobs): Record<string, unknown> {
  return { ...sums(stated(counts, knobs)), completion_tokens_details: null };
}

/** The same for completions, which have one member less. */
export function runningCompletionUsage(counts: Counts, knobs: Knobs): Record<string, unknown> {
  return sums(stated(counts, knobs));
}

/** Usage in the frame before [DONE]. */
export function finalUsage(counts: Counts, knobs: Knobs, details: "chat" | "completion" | "none"): Record<string, unknown> {
  const of = stated(counts, knobs);
  if (details === "none") return sums(of);
  const created = details === "chat" ? { created_cache_tokens: 0 } : {};
  return { ...sums(of), prompt_tokens_details: { cached_tokens: of.cachedTokens, ...created } };
}
