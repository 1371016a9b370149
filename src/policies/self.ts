/** May this very cell handle this caller's content at all? Asked of every request before a byte of its body is read. */
import type { Exclusion } from "../domain/law.ts";
import { type Asked, type Asker, understand } from "./book.ts";
import type { Bundle } from "./bundle.ts";
import { exclusionsOfSelf } from "./reasons.ts";
import { passes } from "./sieve.ts";

export type SelfVerdict = { readonly ok: true } | { readonly ok: false; readonly exclusions: readonly Exclusion[] };

const ADMITTED: SelfVerdict = { ok: true };

/**
 * Judges this cell's own facts by every rule that applies to it. A guard on what only the body tells (the model) is taken to match.
 * @param nowMs Unix milliseconds
 * @throws Fault sov_bad_header
 */
export function selfAdmits(bundle: Bundle, asker: Asker, nowMs: number): SelfVerdict {
  const kept = bundle.selfVerdicts.get(asker, nowMs);
  if (kept !== undefined) return kept;
  const asked = understand(asker);
  const { verdict, untilMs } = judgeSelf(bundle, asked, nowMs);
  bundle.selfVerdicts.set(asker, verdict, untilMs);
  return verdict;
}

/** This cell is the last target of every mask. */
function judgeSelf(bundle: Bundle, asked: Asked, nowMs: number): { verdict: SelfVerdict; untilMs: number } {
  const { rules, silent } = bundle.book.ofCaller(asked, "self");
  const cell = bundle.ground.targets.length - 1;
  let admitted = silent.length === 0 && asked.classKnown;
  let untilMs = Number.POSITIVE_INFINITY;
  for (const rule of rules) {
    const mask = bundle.sieve.maskFor(asked.requirement, rule, nowMs);
    admitted &&= passes(mask.words, cell);
    untilMs = Math.min(untilMs, mask.untilMs);
  }
  return { verdict: admitted ? ADMITTED : { ok: false, exclusions: exclusionsOfSelf(bundle, asked, nowMs) }, untilMs };
}
