/** The second look, in the instant before sending: asks the rules themselves again and believes no mask, no cache and no earlier decision. */
import type { Backend } from "../domain/fleet.ts";
import type { Question } from "../domain/law.ts";
import { type Asked, classesBetween, understand } from "./book.ts";
import type { Bundle } from "./bundle.ts";
import type { Target } from "./ground.ts";
import { type Bench, ruleHolds } from "./judge.ts";
import { matches, type Rule, type Side } from "./rule.ts";

/**
 * Whether the newest law still lets this question go to this backend, and this cell handle it.
 * @param bundle the newest, not the one that decided
 * @param nowMs Unix milliseconds
 * @throws Fault sov_bad_header
 */
export function stillLawful(bundle: Bundle, question: Question, backend: Backend, nowMs: number): boolean {
  const { ground, book } = bundle;
  const index = ground.indexOf.get(backend.id) ?? -1;
  const current = ground.backends[index];
  const target = ground.targets[index];
  if (current === undefined || target === undefined || !sameDestination(current, backend) || !current.models.has(question.model))
    return false;
  const asked = understand(question);
  if (!asked.classKnown) return false;
  const there = new SecondLook("backend", asked, { target, self: ground.self, nowMs });
  const here = new SecondLook("self", asked, { target: ground.self, self: ground.self, nowMs });
  const ofOperator = book.rulesOf("operator", current.operator);
  return there.allHold(ofOperator, true) && callerHolds(bundle, question, there) && callerHolds(bundle, question, here);
}

/** Platform, MSP and tenant must say something; project, key and request may. */
function callerHolds({ book }: Bundle, { msp, tenant, project, key }: Question, look: SecondLook): boolean {
  return (
    look.allHold(book.rulesOf("platform", ""), true) &&
    look.allHold(book.rulesOf("msp", msp), true) &&
    look.allHold(book.rulesOf("tenant", tenant), true) &&
    look.allHold(book.rulesOf("project", project), false) &&
    look.allHold(book.rulesOf("key", key), false) &&
    look.requirementHolds()
  );
}

/** Judges rule by rule as it meets them: it is asked for every request, so no list is made of what applies. */
class SecondLook {
  readonly #side: Side;
  readonly #asked: Asked;
  readonly #bench: Bench;

  constructor(side: Side, asked: Asked, at: { readonly target: Target; readonly self: Target; readonly nowMs: number }) {
    this.#side = side;
    this.#asked = asked;
    this.#bench = { target: at.target, self: at.self, nowMs: at.nowMs, evidenceLeast: asked.requirement.evidenceLeast };
  }

  /** Whether every rule that applies holds, and, where the level must, whether it has spoken for each class of the request. */
  allHold(rules: readonly Rule[], mustSpeak: boolean): boolean {
    const { circumstances } = this.#asked;
    let covered = 0;
    for (const rule of rules) {
      const { guard, appliesTo } = rule;
      if (!matches(guard, circumstances)) continue;
      const judges = appliesTo === "both" || appliesTo === this.#side;
      if (judges && !this.#holds(rule)) return false;
      if (judges || this.#side === "self") covered |= classesBetween(guard.classLeast, guard.classMost);
    }
    const needed = classesBetween(circumstances.classFrom, circumstances.classTo);
    return !mustSpeak || (covered & needed) === needed;
  }

  /** What the request itself asked for in its header. */
  requirementHolds(): boolean {
    const { rule } = this.#asked.requirement;
    return rule === undefined || this.#holds(rule);
  }

  #holds(rule: Rule): boolean {
    const bench = this.#bench;
    return ruleHolds(rule, rule.evidenceLeast <= bench.evidenceLeast ? bench : { ...bench, evidenceLeast: rule.evidenceLeast });
  }
}

/** The facts of the newest bundle are about a place; a backend that has moved since is another place. */
function sameDestination(current: Backend, before: Backend): boolean {
  return (
    current === before ||
    (current.baseUrl === before.baseUrl &&
      current.operator === before.operator &&
      current.site === before.site &&
      current.engine === before.engine)
  );
}
