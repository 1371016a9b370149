import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FactSheet } from "../../src/domain/facts.ts";
import type { Backend } from "../../src/domain/fleet.ts";
import { type Bundle, compileBundle } from "../../src/policies/bundle.ts";
import { decide } from "../../src/policies/decide.ts";
import { explain } from "../../src/policies/explain.ts";
import { stillLawful } from "../../src/policies/lawful.ts";
import { selfAdmits } from "../../src/policies/self.ts";
import { CLASSES } from "../../src/policies/vocabulary/ladders.ts";
import { idsOf, input, NOW_MS, policy, question } from "../unit/policies/fixture.ts";
import { naivelyAdmits, plainFleet, type PlainLaw, plainLaw, plainRule, plainSheet, sourcesOf } from "./policies-law.ts";

const RUNS = { numRuns: 120 };
const HOUR_MS = 3_600_000;
const className = fc.constantFrom(...CLASSES);
const laterMs = fc.integer({ min: 0, max: 4 }).map((hours) => NOW_MS + hours * HOUR_MS);
const header = fc.constantFrom(
  "country=(DE FR)",
  "class=secret",
  "evidence=audit",
  "certs=(ISO27001)",
  'country=("@EEA"), class=restricted',
  "operator-country=DE",
);

/** A rule that permits everything, for each level that must speak. */
const OPEN: readonly PlainLaw[] = (
  [
    ["platform", ""],
    ["operator", "op"],
    ["operator", "other"],
    ["msp", "msp"],
    ["tenant", "tenant"],
  ] as const
).map(([level, subject]) => ({
  level,
  subject,
  rules: [{ id: "SPOKEN", require: { "backend.location.country": { in: ["@ALL_ASSIGNED"] } } }],
}));

/** Law that contradicts itself does not compile; such draws are left out. */
function compiled(fleet: readonly Backend[], law: readonly PlainLaw[], self: FactSheet): Bundle {
  const result = compileBundle({ ...input(fleet, sourcesOf(law)), self });
  fc.pre(result.ok || result.problems.some(({ message }) => !message.startsWith("nothing can meet")));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.bundle;
}

const subset = (smaller: readonly Backend[], larger: readonly Backend[]): boolean =>
  idsOf(smaller).every((id) => idsOf(larger).includes(id));

describe("the law", () => {
  it("is what its documents say, read word by word", () => {
    fc.assert(
      fc.property(plainFleet, plainLaw, plainSheet, className, laterMs, (fleet, law, self, defaultClass, nowMs) => {
        const bundle = compiled(fleet, law, self);
        const asked = { className: defaultClass, nowMs, self, evidenceLeast: 0 };
        const expected = fleet.filter((each) => naivelyAdmits(law, each.facts, { ...asked, operator: each.operator, side: "backend" }));
        // Asked at an earlier moment first, so that what was kept from then is put to the test.
        decide(bundle, question({ defaultClass }), NOW_MS);
        selfAdmits(bundle, question({ defaultClass }), NOW_MS);
        expect(idsOf(decide(bundle, question({ defaultClass }), nowMs).admissible)).toEqual(idsOf(expected));
        expect(selfAdmits(bundle, question({ defaultClass }), nowMs).ok).toBe(
          naivelyAdmits(law, self, { ...asked, operator: "", side: "self" }),
        );
      }),
      RUNS,
    );
  });

  it("says the same again in the instant before sending", () => {
    fc.assert(
      fc.property(plainFleet, plainLaw, plainSheet, laterMs, fc.option(header, { nil: undefined }), (fleet, law, self, nowMs, require) => {
        const bundle = compiled(fleet, law, self);
        const asked = question({ require });
        const { admissible } = decide(bundle, asked, nowMs);
        const here = selfAdmits(bundle, asked, nowMs).ok;
        for (const each of fleet) expect(stillLawful(bundle, asked, each, nowMs)).toBe(here && admissible.includes(each));
      }),
      RUNS,
    );
  });

  it("gives a reason for every exclusion and none for what it admits, by masks as by facts", () => {
    fc.assert(
      fc.property(plainFleet, plainLaw, plainSheet, laterMs, fc.option(header, { nil: undefined }), (fleet, law, self, nowMs, require) => {
        const bundle = compiled(fleet, law, self);
        const decision = decide(bundle, question({ require }), nowMs);
        const excluded = new Set(decision.excluded().map(({ backend }) => backend));
        const sorted = (lines: readonly string[]) => [...lines].sort();
        expect(sorted([...excluded, ...idsOf(decision.admissible)])).toEqual(sorted(idsOf(fleet)));
        const told = explain(bundle, question({ require }), nowMs).backends.flatMap(({ reasons }) => reasons);
        const line = ({ backend, level, rule, attribute, reason }: (typeof told)[number] | ReturnType<typeof decision.excluded>[number]) =>
          [backend, level, rule, attribute, reason].join(" ");
        expect(sorted(told.map(line))).toEqual(sorted(decision.excluded().map(line)));
      }),
      RUNS,
    );
  });
});

describe("narrowing", () => {
  it("never adds a backend by adding a rule", () => {
    const level = fc.constantFrom(
      ["platform", ""] as const,
      ["operator", "op"] as const,
      ["msp", "msp"] as const,
      ["tenant", "tenant"] as const,
      ["project", "project"] as const,
      ["key", "key"] as const,
    );
    fc.assert(
      fc.property(plainFleet, plainLaw, plainSheet, level, plainRule("MORE"), (fleet, law, self, [at, subject], rule) => {
        // The first word of a level that must speak opens it; what every later word does is the question here.
        const spoken = [...law, ...OPEN];
        const before = decide(compiled(fleet, spoken, self), question(), NOW_MS).admissible;
        const after = decide(compiled(fleet, [...spoken, { level: at, subject, rules: [rule] }], self), question(), NOW_MS).admissible;
        expect(subset(after, before)).toBe(true);
      }),
      RUNS,
    );
  });

  it("means, of a raised class, to be lawful as every class on the way", () => {
    fc.assert(
      fc.property(plainFleet, plainLaw, plainSheet, className, className, (fleet, law, self, defaultClass, raised) => {
        const ranks = [CLASSES.indexOf(defaultClass), Math.max(CLASSES.indexOf(defaultClass), CLASSES.indexOf(raised))] as const;
        const onTheWay = CLASSES.slice(ranks[0], ranks[1] + 1);
        const expected = fleet.filter((each) =>
          onTheWay.every((name) =>
            naivelyAdmits(law, each.facts, {
              className: name,
              nowMs: NOW_MS,
              self,
              evidenceLeast: 0,
              operator: each.operator,
              side: "backend",
            }),
          ),
        );
        expect(
          idsOf(decide(compiled(fleet, law, self), question({ defaultClass, require: `class=${raised}` }), NOW_MS).admissible),
        ).toEqual(idsOf(expected));
      }),
      RUNS,
    );
  });

  it("never adds a backend by adding a header", () => {
    fc.assert(
      fc.property(plainFleet, plainLaw, plainSheet, header, (fleet, law, self, require) => {
        const bundle = compiled(fleet, law, self);
        expect(subset(decide(bundle, question({ require }), NOW_MS).admissible, decide(bundle, question(), NOW_MS).admissible)).toBe(true);
      }),
      RUNS,
    );
  });
});

describe("what is not known", () => {
  it("never adds a backend: leaving out a fact, ending it, or weakening its evidence", () => {
    const loss = fc.constantFrom("absent" as const, "expired" as const, "weaker" as const);
    fc.assert(
      fc.property(plainFleet, plainLaw, plainSheet, loss, fc.nat(4), (fleet, law, self, how, pick) => {
        const poorer = fleet.map((each) => ({ ...each, facts: impoverish(each.facts, how, pick) }));
        const before = decide(compiled(fleet, law, self), question(), NOW_MS).admissible;
        expect(subset(decide(compiled(poorer, law, self), question(), NOW_MS).admissible, before)).toBe(true);
      }),
      RUNS,
    );
  });
});

function impoverish({ facts, certificates }: FactSheet, how: "absent" | "expired" | "weaker", pick: number): FactSheet {
  const [name] = [...facts.keys()].slice(pick, pick + 1);
  const fact = name === undefined ? undefined : facts.get(name);
  if (name === undefined || fact === undefined) return { facts, certificates: [] };
  const rest = [...facts].filter(([each]) => each !== name);
  if (how === "absent") return { facts: new Map(rest), certificates };
  return {
    facts: new Map([...rest, [name, how === "expired" ? { ...fact, expiresAtMs: NOW_MS } : { ...fact, evidence: "self" }]]),
    certificates,
  };
}

describe("the random law", () => {
  it("permits and denies often enough for the rest to mean something", () => {
    const drawn = fc.sample(fc.tuple(plainFleet, plainLaw, plainSheet), { numRuns: 200, seed: 7 });
    const shares = drawn.flatMap(([fleet, law, self]) => {
      const result = compileBundle({ ...input(fleet, sourcesOf(law)), self });
      return result.ok ? [decide(result.bundle, question(), NOW_MS).admissible.length / fleet.length] : [];
    });
    expect(shares.length).toBeGreaterThan(150);
    expect(shares.filter((share) => share > 0).length).toBeGreaterThan(50);
    expect(shares.filter((share) => share < 1).length).toBeGreaterThan(100);
  });
});

describe("order", () => {
  it("does not matter: of documents, of rules, of backends", () => {
    fc.assert(
      fc.property(plainFleet, plainLaw, plainSheet, fc.infiniteStream(fc.nat()), (fleet, law, self, random) => {
        const shuffled = <T>(list: readonly T[]): readonly T[] =>
          list
            .map((each) => ({ each, at: random.next().value }))
            .sort((a, b) => a.at - b.at)
            .map(({ each }) => each);
        const other = compiled(shuffled(fleet), shuffled(law.map((each) => ({ ...each, rules: shuffled(each.rules) }))), self);
        const [a, b] = [decide(compiled(fleet, law, self), question(), NOW_MS), decide(other, question(), NOW_MS)];
        const lines = (decision: typeof a) =>
          decision
            .excluded()
            .map((each) => JSON.stringify(each))
            .sort();
        expect([...idsOf(b.admissible)].sort()).toEqual([...idsOf(a.admissible)].sort());
        expect(lines(b)).toEqual(lines(a));
        expect(b.validUntilMs).toBe(a.validUntilMs);
      }),
      RUNS,
    );
  });

  it("does not matter whether a document was split in two", () => {
    const rules = [
      { id: "A", require: { "backend.location.country": { in: ["DE"] } } },
      { id: "B", require: { "backend.location.country": { in: ["@EU"] } } },
    ];
    const others = [policy("platform", "", rules), policy("operator", "op", rules), policy("msp", "msp", rules)];
    const whole = compileBundle(input([], [...others, policy("tenant", "tenant", rules)]));
    const split = compileBundle(
      input([], [...others, policy("tenant", "tenant", rules.slice(0, 1)), policy("tenant", "tenant", rules.slice(1))]),
    );
    expect(whole.ok && split.ok).toBe(true);
  });
});
