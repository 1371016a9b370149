/** Why not: everything that stands against a target, worked out one fact at a time. The slow and talkative twin of the masks. */
import { type BackendId, backendId } from "../domain/ids.ts";
import type { Exclusion, Level } from "../domain/law.ts";
import type { Applicable, Asked } from "./book.ts";
import type { Bundle } from "./bundle.ts";
import type { Target } from "./ground.ts";
import { type Bench, boxHolds, judge, type Reason } from "./judge.ts";
import type { Atom, Box, Rule } from "./rule.ts";
import { passes } from "./sieve.ts";

/** How exclusions name this cell. */
export const SELF: BackendId = backendId("self");
/** Stands where a rule or an attribute would be named and there is none. No rule id is a dash. */
export const NONE = "-";

/** One atom that does not hold. */
export interface Failing {
  readonly rule: Rule;
  readonly atom: Atom;
  readonly reason: Reason;
}

/** A target with the moment and the question that it is judged for. */
export interface Hearing {
  readonly id: BackendId;
  readonly target: Target;
  readonly asked: Asked;
  readonly nowMs: number;
}

/** Every reason against every backend that declares the model, rule by rule: the masks say which rules to ask. */
export function exclusionsOf(bundle: Bundle, asked: Asked, nowMs: number): readonly Exclusion[] {
  const found: Exclusion[] = [];
  const considered = consideredBy(bundle, asked);
  collect(found, bundle.book.ofCaller(asked, "backend"), { bundle, asked, nowMs, indexes: considered });
  const byOperator = Map.groupBy(considered, (index) => bundle.ground.backends[index]?.operator ?? "");
  for (const [operator, indexes] of byOperator)
    collect(found, bundle.book.ofOperator(operator, asked.circumstances), { bundle, asked, nowMs, indexes });
  if (!asked.classKnown) for (const index of considered) found.push(classUnknown(bundle.ground.backends[index]?.id ?? SELF));
  return found;
}

interface Collecting {
  readonly bundle: Bundle;
  readonly asked: Asked;
  readonly nowMs: number;
  readonly indexes: readonly number[];
}

function collect(found: Exclusion[], { rules, silent }: Applicable, { bundle, asked, nowMs, indexes }: Collecting): void {
  const { ground, sieve } = bundle;
  for (const rule of rules) {
    const { words } = sieve.maskFor(asked.requirement, rule, nowMs);
    for (const index of indexes) {
      const target = ground.targets[index];
      if (target === undefined || passes(words, index)) continue;
      const hearing = { id: ground.backends[index]?.id ?? SELF, target, asked, nowMs };
      for (const failing of failings(rule, benchOf(rule, bundle, hearing))) found.push(exclusionOf(failing, hearing));
    }
  }
  for (const level of silent) for (const index of indexes) found.push(silence(ground.backends[index]?.id ?? SELF, level));
}

/** Indexes of the backends that declare the model of the question. */
export function consideredBy({ ground }: Bundle, { asker }: Asked): readonly number[] {
  return asker.model === undefined ? [] : (ground.byModel.get(asker.model) ?? []);
}

/** The law for backends of one operator: the caller's levels and the operator's own. Remembers what it worked out. */
export function lawByOperator({ book }: Bundle, asked: Asked): (operator: string) => Applicable {
  const caller = book.ofCaller(asked, "backend");
  const known = new Map<string, Applicable>();
  return (operator) => {
    const before = known.get(operator);
    if (before !== undefined) return before;
    const own = book.ofOperator(operator, asked.circumstances);
    const law = { rules: [...caller.rules, ...own.rules], silent: [...caller.silent, ...own.silent] };
    known.set(operator, law);
    return law;
  };
}

/** Reasons that no rule gives: levels that must speak and are silent, a class that is no rung. */
export function silences({ silent }: Applicable, { id, asked }: Hearing): readonly Exclusion[] {
  const found = silent.map((level) => silence(id, level));
  return asked.classKnown ? found : [...found, classUnknown(id)];
}

const silence = (backend: BackendId, level: Level): Exclusion => ({ backend, level, rule: NONE, attribute: NONE, reason: "no-policy" });
const classUnknown = (backend: BackendId): Exclusion => ({
  backend,
  level: "tenant",
  rule: NONE,
  attribute: "request.class",
  reason: "unknown",
});

/** Where a rule meets the facts of a target; the evidence asked is the higher of the rule's and the request's. */
export function benchOf(rule: Rule, { ground }: Bundle, { target, asked, nowMs }: Hearing): Bench {
  return { target, self: ground.self, evidenceLeast: Math.max(rule.evidenceLeast, asked.requirement.evidenceLeast), nowMs };
}

/** Every atom of a rule that does not hold; none when the rule holds. Of alternatives all are named, since any of them would do. */
export function failings(rule: Rule, bench: Bench): readonly Failing[] {
  const found: Failing[] = [];
  name(rule, rule.require, { bench, found });
  if (rule.anyOf.length > 0 && !rule.anyOf.some((box) => boxHolds(box, bench)))
    for (const box of rule.anyOf) name(rule, box, { bench, found });
  return found;
}

function name(rule: Rule, box: Box, { bench, found }: { bench: Bench; found: Failing[] }): void {
  for (const atom of box) {
    const reason = judge(atom, bench);
    if (reason !== undefined && !found.some((each) => each.atom.name === atom.name && each.reason === reason))
      found.push({ rule, atom, reason });
  }
}

export function exclusionOf({ rule, atom, reason }: Failing, { id }: Hearing): Exclusion {
  return { backend: id, level: rule.level, rule: rule.id, attribute: id === SELF ? `self.${atom.attribute.name}` : atom.name, reason };
}

/** Every reason why this cell may not handle the request. */
export function exclusionsOfSelf(bundle: Bundle, asked: Asked, nowMs: number): readonly Exclusion[] {
  const hearing = { id: SELF, target: bundle.ground.self, asked, nowMs };
  const law = bundle.book.ofCaller(asked, "self");
  const failing = law.rules.flatMap((rule) => failings(rule, benchOf(rule, bundle, hearing)));
  return [...silences(law, hearing), ...failing.map((each) => exclusionOf(each, hearing))];
}
