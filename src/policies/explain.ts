/** A decision as data for people: what every rule wanted and what it saw, and how much of that a tenant may be told. */
import type { Backend } from "../domain/fleet.ts";
import type { FactSheet } from "../domain/facts.ts";
import type { BackendId, OperatorId, SiteId } from "../domain/ids.ts";
import { type Exclusion, type Level, LEVELS, type Question } from "../domain/law.ts";
import { understand } from "./book.ts";
import type { Bundle } from "./bundle.ts";
import {
  benchOf,
  consideredBy,
  exclusionOf,
  type Failing,
  failings,
  type Hearing,
  lawByOperator,
  NONE,
  SELF,
  silences,
} from "./reasons.ts";
import type { Atom } from "./rule.ts";

/** An exclusion with what the rule wanted and what the facts say. */
export interface ExplainedReason extends Exclusion {
  readonly wanted: string;
  readonly seen: string;
  readonly cite: string | undefined;
}

export interface ExplainedTarget {
  readonly backend: BackendId;
  readonly operator: OperatorId | undefined;
  readonly site: SiteId | undefined;
  readonly admitted: boolean;
  readonly reasons: readonly ExplainedReason[];
}

export interface Explanation {
  readonly epoch: number;
  readonly effectiveClass: string;
  /** This cell, judged as the handler of the request. */
  readonly self: ExplainedTarget;
  /** Every backend that declares the model, in the order of the configuration. */
  readonly backends: readonly ExplainedTarget[];
}

/** Everything that the law says to a question. For whoever may see all of it. @throws Fault sov_bad_header */
export function explain(bundle: Bundle, question: Question, nowMs: number): Explanation {
  const asked = understand(question);
  const { ground, book } = bundle;
  const lawOf = lawByOperator(bundle, asked);
  const backends = consideredBy(bundle, asked).flatMap((index) => {
    const backend = ground.backends[index];
    const target = ground.targets[index];
    if (backend === undefined || target === undefined) return [];
    const hearing = { id: backend.id, target, asked, nowMs };
    const law = lawOf(backend.operator);
    return [
      explained(hearing, {
        place: backend,
        sheet: backend.facts,
        silent: silences(law, hearing),
        failing: law.rules.flatMap((rule) => failings(rule, benchOf(rule, bundle, hearing))),
        cell: ground.selfFacts,
      }),
    ];
  });
  const here: Hearing = { id: SELF, target: ground.self, asked, nowMs };
  const law = book.ofCaller(asked, "self");
  const failing = law.rules.flatMap((rule) => failings(rule, benchOf(rule, bundle, here)));
  const self = explained(here, { place: undefined, sheet: ground.selfFacts, silent: silences(law, here), failing, cell: ground.selfFacts });
  return { epoch: bundle.epoch, effectiveClass: asked.effectiveClass, self, backends };
}

interface Findings {
  readonly place: Backend | undefined;
  readonly sheet: FactSheet;
  readonly cell: FactSheet;
  readonly silent: readonly Exclusion[];
  readonly failing: readonly Failing[];
}

function explained(hearing: Hearing, { place, sheet, cell, silent, failing }: Findings): ExplainedTarget {
  const reasons = [
    ...silent.map((exclusion) => ({ ...exclusion, wanted: NONE, seen: NONE, cite: undefined })),
    ...failing.map((each) => ({
      ...exclusionOf(each, hearing),
      wanted:
        each.atom.test.kind === "certificates" || each.reason !== "evidence" ? each.atom.wanted : `${each.atom.wanted}, better evidenced`,
      seen: seenBy(each.atom, each.atom.subject === "self" ? cell : sheet, each.atom.subject === "self" ? undefined : place),
      cite: each.rule.cite,
    })),
  ];
  return { backend: hearing.id, operator: place?.operator, site: place?.site, admitted: reasons.length === 0, reasons };
}

/** What the facts say about an atom's attribute, in words. */
function seenBy({ attribute, test }: Atom, sheet: FactSheet, place: Backend | undefined): string {
  if (test.kind === "certificates")
    return sheet.certificates.map(({ code, evidence, expiresAtMs }) => stated(code, evidence, expiresAtMs)).join("; ") || "nothing";
  if (place !== undefined && attribute.name === "operator.id") return place.operator;
  if (place !== undefined && attribute.name === "location.site") return place.site;
  const fact = sheet.facts.get(attribute.name);
  return fact === undefined ? "nothing" : stated(String(fact.value), fact.evidence, fact.expiresAtMs);
}

function stated(value: string, evidence: string, expiresAtMs: number | undefined): string {
  return `${value} (${evidence}${expiresAtMs === undefined ? "" : `, until ${new Date(expiresAtMs).toISOString()}`})`;
}

/** How many backends one rule excludes for one attribute. */
export interface Summary {
  readonly rule: string;
  readonly level: Level;
  readonly attribute: string;
  readonly count: number;
}

/** Exclusions counted by rule and attribute, the most frequent first. Names rules of every level: not for tenants. */
export function summary(exclusions: readonly Exclusion[]): readonly Summary[] {
  const groups = Map.groupBy(exclusions, ({ level, rule, attribute }) => JSON.stringify([level, rule, attribute]));
  const counted = [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ rule: first.rule, level: first.level, attribute: first.attribute, count: backendsIn(group) }];
  });
  return counted.sort((a, b) => b.count - a.count || LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || (a.rule < b.rule ? -1 : 1));
}

/** What a tenant may see: of its own rules which and why, of everybody else's only that they count. */
export interface PublicReason {
  readonly level: Level;
  /** undefined: the rules of this level are not the caller's to read. */
  readonly rule: string | undefined;
  readonly attribute: string | undefined;
  readonly count: number;
}

/** Whose rules a tenant may read. */
export const OWN_LEVELS: readonly Level[] = ["tenant", "project", "key", "request"];

/** The summary for a tenant. Names no backend, no operator, and no rule of the platform, the operators or the MSP. */
export function publicReasons(exclusions: readonly Exclusion[]): readonly PublicReason[] {
  const [own, others] = [true, false].map((mine) => exclusions.filter(({ level }) => OWN_LEVELS.includes(level) === mine));
  const foreign = LEVELS.flatMap((level) => {
    const count = backendsIn((others ?? []).filter((each) => each.level === level));
    return count === 0 ? [] : [{ level, rule: undefined, attribute: undefined, count }];
  });
  return [...foreign, ...summary(own ?? [])];
}

function backendsIn(exclusions: readonly Exclusion[]): number {
  return new Set(exclusions.map(({ backend }) => backend)).size;
}
