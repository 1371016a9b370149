/** The rules of a bundle by whose they are, and which of them speak about one request. */
import type { Level, Question } from "../domain/law.ts";
import { NOTHING_MORE, readRequirement, raisedClass, type Requirement } from "./require.ts";
import { type Circumstances, matches, type Rule, type Side } from "./rule.ts";
import { CLASS_RANK } from "./vocabulary/ladders.ts";

/** A question of which model and endpoint may not be known yet. */
export type Asker = Omit<Question, "model" | "capability"> & Partial<Pick<Question, "model" | "capability">>;

/** A question, understood. */
export interface Asked {
  readonly asker: Asker;
  readonly requirement: Requirement;
  readonly circumstances: Circumstances;
  readonly effectiveClass: string;
  /** False: the tenant's default class is no rung, so nothing may pass. */
  readonly classKnown: boolean;
}

/** @throws Fault sov_bad_header */
export function understand(asker: Asker): Asked {
  const requirement = asker.require === undefined ? NOTHING_MORE : readRequirement(asker.require);
  const effectiveClass = raisedClass(asker.defaultClass, requirement);
  const classFrom = CLASS_RANK.get(asker.defaultClass);
  const classTo = CLASS_RANK.get(effectiveClass);
  const circumstances = {
    classFrom: classFrom ?? 0,
    classTo: classTo ?? CLASS_RANK.size,
    capability: asker.capability,
    model: asker.model,
  };
  return { asker, requirement, circumstances, effectiveClass, classKnown: classFrom !== undefined };
}

/** What the law says to one request. */
export interface Applicable {
  readonly rules: readonly Rule[];
  /** Levels that must say something and do not: each of them denies. */
  readonly silent: readonly Level[];
}

/** Rules by level and by whose they are. */
export class RuleBook {
  readonly #rules = new Map<Level, Map<string, Rule[]>>();

  /** Adds a document's rules; several documents of one subject all count. */
  add(level: Level, subject: string, rules: readonly Rule[]): void {
    const ofLevel = this.#rules.get(level) ?? new Map<string, Rule[]>();
    this.#rules.set(level, ofLevel);
    ofLevel.set(subject, [...(ofLevel.get(subject) ?? []), ...rules]);
  }

  /** Every rule, level by level. */
  *all(): Generator<Rule> {
    for (const ofLevel of this.#rules.values()) for (const rules of ofLevel.values()) yield* rules;
  }

  rulesOf(level: Level, subject: string): readonly Rule[] {
    return this.#rules.get(level)?.get(subject) ?? [];
  }

  /** Rules of the caller's side: everything but the operators'. */
  ofCaller({ asker, circumstances, requirement }: Asked, side: Side): Applicable {
    const rules: Rule[] = [];
    const silent: Level[] = [];
    const hear = (level: Level, subject: string, must: boolean): void => {
      const spoken = speaking(this.rulesOf(level, subject), circumstances, { side, into: rules });
      if (must && !spoken) silent.push(level);
    };
    hear("platform", "", true);
    hear("msp", asker.msp, true);
    hear("tenant", asker.tenant, true);
    hear("project", asker.project, false);
    hear("key", asker.key, false);
    if (requirement.rule !== undefined) rules.push(requirement.rule);
    return { rules, silent };
  }

  /** Rules of the operator of a backend. */
  ofOperator(operator: string, circumstances: Circumstances): Applicable {
    const rules: Rule[] = [];
    const spoken = speaking(this.rulesOf("operator", operator), circumstances, { side: "backend", into: rules });
    return { rules, silent: spoken ? [] : ["operator"] };
  }
}

/**
 * Collects the rules that apply. Says whether the level has spoken, which takes a rule for every class that the request must be lawful as;
 * about backends only a rule that judges backends counts.
 */
function speaking(rules: readonly Rule[], circumstances: Circumstances, { side, into }: { side: Side; into: Rule[] }): boolean {
  let covered = 0;
  for (const rule of rules) {
    const { guard, appliesTo } = rule;
    if (!matches(guard, circumstances)) continue;
    const judges = appliesTo === "both" || appliesTo === side;
    if (judges) into.push(rule);
    if (judges || side === "self") covered |= classesBetween(guard.classLeast, guard.classMost);
  }
  const needed = classesBetween(circumstances.classFrom, circumstances.classTo);
  return (covered & needed) === needed;
}

/** Ranks of the class ladder from one to another, as bits. */
export function classesBetween(from: number, to: number): number {
  return ((2 << Math.min(to, CLASS_RANK.size)) - 1) & -(1 << from);
}
