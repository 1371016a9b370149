/** What a request may use, before anything is known of its answer: a guess for the rate windows, an upper bound for the money. */
import { BOUNDS } from "../bounds.ts";
import type { Call } from "../domain/call.ts";
import type { Model } from "../domain/fleet.ts";

/** All in tokens. */
export interface ClaimEstimate {
  /** For the token windows: what is likely; corrected when the request settles. */
  readonly tokens: number;
  /** No honest count of the prompt is above this. */
  readonly promptTokensMax: number;
  /** The same for all choices together. */
  readonly completionTokensMax: number;
}

/** U19: counting tokens costs nothing, neither money nor tokens. */
const FREE: ClaimEstimate = { tokens: 0, promptTokensMax: 0, completionTokensMax: 0 };

/** How much a call may use of this model. */
export function claimOf(call: Call, model: Model): ClaimEstimate {
  if (call.capability === "tokenize") return FREE;
  const promptTokensMax = Math.min(call.promptTokensMax, promptCapOf(call, model));
  const likelyPrompt = Math.min(call.promptTokensEstimate, promptTokensMax);
  if (call.capability === "embeddings" || call.capability === "rerank")
    return { tokens: likelyPrompt, promptTokensMax, completionTokensMax: 0 };
  const context = model.contextTokensMax;
  const likely = Math.min(call.completionTokensAsked ?? BOUNDS.assumedCompletionTokens, model.completionTokensMax ?? context, context);
  const most = Math.min(call.completionTokensAsked ?? model.completionTokensMax ?? context, context);
  return { tokens: likelyPrompt + call.choices * likely, promptTokensMax, completionTokensMax: call.choices * most };
}

/**
 * What the context leaves of a prompt. /completions takes many prompts in one call, each with a context of its own, and there are
 * never more prompts than choices; embeddings and rerank take inputs that nobody counted: there the bytes alone are the bound.
 */
function promptCapOf(call: Call, model: Model): number {
  if (call.capability === "chat") return model.contextTokensMax;
  if (call.capability === "completions") return model.contextTokensMax * call.choices;
  return Number.POSITIVE_INFINITY;
}
