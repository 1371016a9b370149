/** May it go there? The answer for all backends at once, from masks; reasons are worked out only when somebody asks for them. */
import type { Backend } from "../domain/fleet.ts";
import type { Exclusion, Question } from "../domain/law.ts";
import { type Asked, understand } from "./book.ts";
import type { Bundle } from "./bundle.ts";
import { exclusionsOf } from "./reasons.ts";
import { indexesOf, maskOf } from "./sieve.ts";
import type { Rule } from "./rule.ts";

// Asked before decide, of the same law: the stages find both questions here.
export { selfAdmits } from "./self.ts";

export interface Decision {
  /** Backends that declare the model and that every rule permits, in the order of the configuration. */
  readonly admissible: readonly Backend[];
  /** Backends that declare the model. */
  readonly considered: number;
  /** Every reason against every other backend that declares the model; worked out at each call. */
  readonly excluded: () => readonly Exclusion[];
  /** Unix milliseconds from which a fact that this rests on counts no more; Infinity: none ends. */
  readonly validUntilMs: number;
  readonly epoch: number;
  /** The tenant's default class, or the header's when that is higher. */
  readonly effectiveClass: string;
}

/** Decisions that decide() made, and nobody else: a look-alike gets no clearance. */
const GENUINE = new WeakSet<Decision>();

export const isGenuine = (decision: Decision): boolean => GENUINE.has(decision);

/**
 * The law's answer to a question.
 * @param nowMs Unix milliseconds
 * @throws Fault sov_bad_header for a malformed header, and nothing else
 */
export function decide(bundle: Bundle, question: Question, nowMs: number): Decision {
  const kept = bundle.decisions.get(question, nowMs);
  if (kept !== undefined) return kept;
  const asked = understand(question);
  const considered = bundle.ground.byModel.get(question.model) ?? [];
  const { words, untilMs } = admit(bundle, asked, { considered, nowMs });
  const decision: Decision = {
    admissible: indexesOf(words).flatMap((index) => bundle.ground.backends[index] ?? []),
    considered: considered.length,
    excluded: () => exclusionsOf(bundle, asked, nowMs),
    validUntilMs: untilMs,
    epoch: bundle.epoch,
    effectiveClass: asked.effectiveClass,
  };
  GENUINE.add(decision);
  bundle.decisions.set(question, decision, untilMs);
  return decision;
}

interface Admitted {
  readonly words: Int32Array;
  readonly untilMs: number;
}

/** AND over all levels and rules; a level that must speak and is silent leaves nothing. */
function admit(bundle: Bundle, asked: Asked, { considered, nowMs }: { considered: readonly number[]; nowMs: number }): Admitted {
  const { ground, book } = bundle;
  const words = maskOf(considered, ground.targets.length);
  const caller = book.ofCaller(asked, "backend");
  if (caller.silent.length > 0 || !asked.classKnown) return { words: words.fill(0), untilMs: Number.POSITIVE_INFINITY };
  let untilMs = narrow(words, caller.rules, { bundle, asked, nowMs });
  const operators = new Set(considered.flatMap((index) => ground.backends[index]?.operator ?? []));
  const united = new Int32Array(words.length);
  for (const operator of operators) {
    const { rules, silent } = book.ofOperator(operator, asked.circumstances);
    if (silent.length > 0) continue;
    const own = maskOf(ground.byOperator.get(operator) ?? [], ground.targets.length);
    untilMs = Math.min(untilMs, narrow(own, rules, { bundle, asked, nowMs }));
    own.forEach((word, index) => (united[index] = (united[index] ?? 0) | word));
  }
  united.forEach((word, index) => (words[index] = (words[index] ?? 0) & word));
  return { words, untilMs };
}

/** Clears the bits that a rule does not let pass; returns until when the rest may stand. */
function narrow(
  words: Int32Array,
  rules: readonly Rule[],
  { bundle, asked, nowMs }: { bundle: Bundle; asked: Asked; nowMs: number },
): number {
  let firstEndMs = Number.POSITIVE_INFINITY;
  for (const rule of rules) {
    const mask = bundle.sieve.maskFor(asked.requirement, rule, nowMs);
    for (let index = 0; index < words.length; index++) words[index] = (words[index] ?? 0) & (mask.words[index] ?? 0);
    if (mask.untilMs < firstEndMs) firstEndMs = mask.untilMs;
  }
  return firstEndMs;
}
