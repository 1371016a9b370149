/** Random law, random facts, and a second, deliberately naive reading of both: straight from the documents, without anything compiled. */
import fc from "fast-check";
import type { PolicySource } from "../../src/domain/estate.ts";
import { type Certificate, EVIDENCE, type Fact, type FactSheet, type FactValue } from "../../src/domain/facts.ts";
import type { Backend } from "../../src/domain/fleet.ts";
import { operatorId } from "../../src/domain/ids.ts";
import { coveredBy } from "../../src/policies/vocabulary/certificates.ts";
import { CLASSES, TENANCY } from "../../src/policies/vocabulary/ladders.ts";
import { membersOf, NEWEST_SETS } from "../../src/policies/vocabulary/sets.ts";
import { backend, NOW_MS, policy } from "../unit/policies/fixture.ts";

export interface PlainRule {
  readonly id: string;
  readonly when?: { readonly "request.class": { readonly at_least: string } | { readonly at_most: string } };
  readonly require: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly any_of?: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
  readonly min_evidence?: string;
  readonly applies_to?: "backend" | "self" | "both";
}

export interface PlainLaw {
  readonly level: PolicySource["level"];
  readonly subject: string;
  readonly rules: readonly PlainRule[];
}

const COUNTRIES = ["DE", "FR", "NO", "CH", "US"] as const;
const country = fc.constantFrom(...COUNTRIES);
const someCountries = fc.uniqueArray(country, { minLength: 1, maxLength: 3 });
const listed = fc.uniqueArray(fc.constantFrom(...COUNTRIES, "@EU", "@EEA", "@ALL_ASSIGNED"), { minLength: 1, maxLength: 3 });
const codes = fc.uniqueArray(fc.constantFrom("ISO27001", "BSI-C5.type2", "BSI-C5.type1", "SecNumCloud.3.2"), {
  minLength: 1,
  maxLength: 2,
});

const atom: fc.Arbitrary<readonly [string, Readonly<Record<string, unknown>>]> = fc.oneof(
  listed.map((values) => ["backend.location.country", { in: values }] as const),
  listed.map((values) => ["backend.operator.parents", { subset_of: values }] as const),
  codes.map((values) => ["backend.certs", { has_all: values }] as const),
  codes.map((values) => ["backend.certs", { has_any: values }] as const),
  fc.constantFrom(...TENANCY).map((rung) => ["backend.tenancy", { at_least: rung }] as const),
  fc.nat(30).map((days) => ["backend.retention.days", { at_most: days }] as const),
  fc.boolean().map((flag) => ["backend.train_on_data", { in: [flag] }] as const),
  listed.map((values) => ["self.location.country", { in: values }] as const),
);
const box = fc.array(atom, { minLength: 1, maxLength: 2 }).map((atoms) => Object.fromEntries(atoms));

export const plainRule = (id: string): fc.Arbitrary<PlainRule> =>
  fc.record(
    {
      id: fc.constant(id),
      when: fc.record({
        "request.class": fc.oneof(
          fc.record({ at_least: fc.constantFrom(...CLASSES) }),
          fc.record({ at_most: fc.constantFrom(...CLASSES) }),
        ),
      }),
      require: box,
      any_of: fc.array(box, { minLength: 2, maxLength: 3 }),
      min_evidence: fc.constantFrom(...EVIDENCE),
      applies_to: fc.constantFrom("backend" as const, "both" as const, "self" as const),
    },
    { requiredKeys: ["id", "require"] },
  );

const LEVELS = [
  ["platform", ""],
  ["operator", "op"],
  ["operator", "other"],
  ["msp", "msp"],
  ["tenant", "tenant"],
  ["project", "project"],
  ["key", "key"],
] as const;

/** Documents of random levels; the levels that must speak mostly do. */
export const plainLaw: fc.Arbitrary<readonly PlainLaw[]> = fc
  .tuple(
    ...LEVELS.map(([level, subject]) => {
      const open: PlainRule = { id: "OPEN", require: { "backend.location.country": { in: ["@ALL_ASSIGNED"] } } };
      const rules = fc.oneof(
        { weight: 9, arbitrary: fc.constant([open]) },
        { weight: 1, arbitrary: fc.tuple(plainRule("A"), plainRule("B")) },
        { weight: 2, arbitrary: plainRule("A").map((each) => [each]) },
      );
      return fc
        .option(rules, { nil: undefined, freq: 40 })
        .map((found): PlainLaw | undefined => (found === undefined ? undefined : { level, subject, rules: found }));
    }),
  )
  .map((documents) => documents.flatMap((each) => each ?? []));

export const sourcesOf = (law: readonly PlainLaw[]): readonly PolicySource[] =>
  law.map(({ level, subject, rules }) => policy(level, subject, rules));

const expiry = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.integer({ min: -1, max: 3 }).map((hours) => NOW_MS + hours * 3_600_000) },
);
const evidence = fc.constantFrom(...EVIDENCE);
const factOf = (value: fc.Arbitrary<FactValue>): fc.Arbitrary<Fact> =>
  fc.record({ value, evidence, source: fc.constant(undefined), expiresAtMs: expiry });

const mostly = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 10 });

/** Facts with holes, ends and rungs. */
export const plainSheet: fc.Arbitrary<FactSheet> = fc
  .tuple(
    fc.record({
      "location.country": mostly(factOf(fc.oneof(country, country, someCountries))),
      "operator.parents": mostly(factOf(someCountries)),
      tenancy: mostly(factOf(fc.constantFrom(...TENANCY))),
      "retention.days": mostly(factOf(fc.nat(30))),
      train_on_data: mostly(factOf(fc.boolean())),
    }),
    fc.array(
      fc.record({
        code: fc.constantFrom("ISO27001", "BSI-C5:2026.type2", "BSI-C5:2020.type1", "SecNumCloud.3.2"),
        scope: fc.constant(undefined),
        evidence,
        expiresAtMs: expiry,
      }),
      { maxLength: 3 },
    ),
  )
  .map(([facts, certificates]) => ({
    facts: new Map(Object.entries(facts).flatMap(([name, fact]) => (fact === undefined ? [] : [[name, fact] as const]))),
    certificates,
  }));

export const plainFleet: fc.Arbitrary<readonly Backend[]> = fc
  .array(fc.tuple(plainSheet, fc.constantFrom("op", "op", "other")), { minLength: 1, maxLength: 34 })
  .map((sheets) => sheets.map(([facts, operator], index) => backend(`b${index}`, facts, { operator: operatorId(operator) })));

// ---- the naive reading -------------------------------------------------------------------------------------------------

interface Scene {
  readonly self: FactSheet;
  readonly rank: number;
  readonly nowMs: number;
}

const rankOf = (rung: string): number => EVIDENCE.findIndex((each) => each === rung);
const lasting = (expiresAtMs: number | undefined, nowMs: number): boolean => expiresAtMs === undefined || nowMs < expiresAtMs;
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);
const spread = (values: readonly string[]): readonly string[] =>
  values.flatMap((value) => (value.startsWith("@") ? (membersOf(NEWEST_SETS, value.slice(1)) ?? []) : [value]));

function holds(sheet: FactSheet, name: string, [operator, operand]: readonly [string, unknown], { rank, nowMs }: Scene): boolean {
  if (name === "certs") {
    const held = sheet.certificates
      .filter((each: Certificate) => lasting(each.expiresAtMs, nowMs) && rankOf(each.evidence) >= rank)
      .flatMap(({ code }) => [...coveredBy(code)]);
    const wanted = texts(operand);
    return operator === "has_all" ? wanted.every((code) => held.includes(code)) : wanted.some((code) => held.includes(code));
  }
  const fact = sheet.facts.get(name);
  if (fact === undefined || !lasting(fact.expiresAtMs, nowMs) || rankOf(fact.evidence) < rank) return false;
  if (operator === "at_most") return Number(fact.value) <= Number(operand);
  if (operator === "at_least") return TENANCY.indexOf(String(fact.value)) >= TENANCY.indexOf(String(operand));
  return texts(fact.value).every((value) => spread(texts(operand)).includes(value));
}

function boxHolds(box: PlainRule["require"], target: FactSheet, scene: Scene): boolean {
  return Object.entries(box).every(([path, conditions]) => {
    const sheet = path.startsWith("self.") ? scene.self : target;
    return Object.entries(conditions).every((condition) => holds(sheet, path.slice(path.indexOf(".") + 1), condition, scene));
  });
}

export interface NaiveQuestion {
  readonly className: string;
  readonly operator: string;
  readonly side: "backend" | "self";
  readonly nowMs: number;
  readonly self: FactSheet;
  /** Evidence asked by the header. */
  readonly evidenceLeast: number;
}

function inRange(className: string, bound: { readonly at_least: string } | { readonly at_most: string }): boolean {
  const rank = CLASSES.indexOf(className);
  return "at_least" in bound ? rank >= CLASSES.indexOf(bound.at_least) : rank <= CLASSES.indexOf(bound.at_most);
}

/** Whether the documents, read word by word, let a target pass. */
export function naivelyAdmits(law: readonly PlainLaw[], target: FactSheet, asked: NaiveQuestion): boolean {
  const heard = law.filter(({ level, subject }) => level !== "operator" || (asked.side === "backend" && subject === asked.operator));
  const applying = heard.flatMap(({ level, rules }) =>
    rules
      .filter(({ when }) => when === undefined || inRange(asked.className, when["request.class"]))
      .map((rule) => ({ level, rule, judges: (rule.applies_to ?? "both") === "both" || rule.applies_to === asked.side })),
  );
  const must = asked.side === "self" ? ["platform", "msp", "tenant"] : ["platform", "operator", "msp", "tenant"];
  if (must.some((level) => !applying.some((each) => each.level === level && (each.judges || asked.side === "self")))) return false;
  return applying.every(({ rule, judges }) => {
    if (!judges) return true;
    const scene = { self: asked.self, nowMs: asked.nowMs, rank: Math.max(asked.evidenceLeast, rankOf(rule.min_evidence ?? "self")) };
    return (
      boxHolds(rule.require, target, scene) && (rule.any_of === undefined || rule.any_of.some((each) => boxHolds(each, target, scene)))
    );
  });
}
