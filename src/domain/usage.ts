/** Tokens of one request and where the count came from. */

/**
 * backend: the engine's own final count. counted: derived from what we relayed, bounded by what was asked for.
 * estimated: prompt or completion guessed from bytes. none: nothing was produced.
 */
export type UsageSource = "backend" | "counted" | "estimated" | "none";

export interface Usage {
  readonly promptTokens: number;
  /** Part of promptTokens that came from the engine's prefix cache. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly source: UsageSource;
}

export const NO_USAGE: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, source: "none" };

/**
 * What the tap on a reply has seen so far. `reported` is the engine's latest statement, as given (not yet judged);
 * the rest is counted by us: `frames` frames with output, `textBytes` bytes of output text in them.
 */
export interface Observed {
  reported: { promptTokens: number | undefined; cachedTokens: number | undefined; completionTokens: number | undefined } | undefined;
  /** How often the engine stated usage; more than once may be cumulative or duplicate. */
  reports: number;
  frames: number;
  textBytes: number;
  /** The engine said that it finished (finish_reason, or a whole JSON answer). */
  finished: boolean;
}

/** How a request ended. */
export type Outcome =
  /** The whole answer went out. */
  | "served"
  /** The engine or the path to it broke after the first byte, or every attempt failed. */
  | "failed"
  /** The client left. */
  | "abandoned"
  /** The gateway died; written by the sweep after restart. */
  | "crashed";

/**
 * Tokens of an ended request that stay counted in the rate windows. Of one that ended before its first output nobody knows what the engine
 * has read: it keeps all that was `reserved`, or reading prompts would be free for whoever leaves early.
 */
export function tokensKept(reserved: number, outcome: Outcome, usage: Usage): number {
  if (usage.source === "none" && (outcome === "abandoned" || outcome === "crashed")) return reserved;
  return usage.promptTokens + usage.completionTokens;
}
