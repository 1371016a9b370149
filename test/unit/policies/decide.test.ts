import { describe, expect, it } from "vitest";
import type { Backend } from "../../../src/domain/fleet.ts";
import { mspId, operatorId, tenantId } from "../../../src/domain/ids.ts";
import type { Exclusion } from "../../../src/domain/law.ts";
import { decide } from "../../../src/policies/decide.ts";
import {
  backend,
  bundleOf,
  certificate,
  DAY_MS,
  fact,
  idsOf,
  NOW_MS,
  permissive,
  policy,
  question,
  rule,
  sheet,
  standing,
} from "./fixture.ts";

const under = (fleet: readonly Backend[], ...rules: readonly unknown[]) =>
  bundleOf(fleet, [...permissive("tenant"), policy("tenant", "tenant", rules)]);
const judged = (fleet: readonly Backend[], ...rules: readonly unknown[]) => decide(under(fleet, ...rules), question(), NOW_MS);
const reasons = (exclusions: readonly Exclusion[]) =>
  exclusions.map(({ backend: id, level, rule: name, attribute, reason }) => [id, level, name, attribute, reason].join(" "));
const EEA = rule("EEA", { "backend.location.country": { in: ["@EEA"] } });

describe("decide", () => {
  it("admits what every rule permits and explains the rest", () => {
    const decision = judged(
      [standing("de", "DE"), standing("us", "US"), standing("no", "NO"), standing("ch", "CH"), standing("sj", "SJ")],
      EEA,
    );
    expect(idsOf(decision.admissible)).toEqual(["de", "no"]);
    expect(decision.considered).toBe(5);
    expect(reasons(decision.excluded())).toEqual(["us", "ch", "sj"].map((id) => `${id} tenant EEA backend.location.country mismatch`));
    expect(decision).toMatchObject({ epoch: 1, effectiveClass: "confidential", validUntilMs: Number.POSITIVE_INFINITY });
  });

  it("looks at backends that declare the model, and at no other", () => {
    const decision = judged(
      [standing("de", "DE"), standing("idle", "DE", { models: new Map() }), standing("us", "US", { models: new Map() })],
      EEA,
    );
    expect([idsOf(decision.admissible), decision.considered, decision.excluded()]).toEqual([["de"], 1, []]);
  });

  it("judges an offer in several places by every one of them", () => {
    const multi = (id: string, countries: readonly string[]) => backend(id, sheet({ "location.country": countries }));
    expect(idsOf(judged([multi("eu", ["DE", "FR"]), multi("mixed", ["DE", "US"])], EEA).admissible)).toEqual(["eu"]);
  });

  it("keeps beyond thirty-two backends what it knows of each", () => {
    const fleet = Array.from({ length: 100 }, (_, index) => standing(`b${index}`, index % 3 === 0 ? "DE" : "US"));
    expect(idsOf(judged(fleet, EEA).admissible)).toEqual(idsOf(fleet.filter((_, index) => index % 3 === 0)));
  });
});

describe("what is not known", () => {
  const known = (rest: Parameters<typeof fact>[1]) => backend("b", sheet({ "location.country": fact("DE", rest) }));
  const AUDITED = rule("AUDITED", { "backend.location.country": { in: ["DE"] } }, { min_evidence: "audit" });

  it.each([
    ["unknown", backend("b", sheet({}))],
    ["expired", known({ evidence: "audit", expiresAtMs: NOW_MS })],
    ["evidence", known({ evidence: "contract" })],
    ["mismatch", backend("b", sheet({ "location.country": fact("FR", { evidence: "attested" }) }))],
  ])("denies with reason %s", (reason, one) => {
    const decision = decide(
      bundleOf(
        [one],
        [
          policy("platform", "", [AUDITED]),
          policy("operator", "op", [AUDITED]),
          policy("msp", "msp", [AUDITED]),
          policy("tenant", "tenant", [AUDITED]),
        ],
      ),
      question(),
      NOW_MS,
    );
    expect(decision.admissible).toEqual([]);
    expect(decision.excluded().map((each) => [each.level, each.reason])).toEqual(
      ["platform", "msp", "tenant", "operator"].map((level) => [level, reason]),
    );
  });

  it("ends to the millisecond, also for a decision that was kept", () => {
    const fleet = [backend("short", sheet({ "location.country": fact("DE", { expiresAtMs: NOW_MS + DAY_MS }) })), standing("long", "DE")];
    const bundle = under(fleet, EEA);
    const decision = decide(bundle, question(), NOW_MS);
    expect(decision.validUntilMs).toBe(NOW_MS + DAY_MS);
    expect(decide(bundle, question(), NOW_MS + DAY_MS - 1)).toBe(decision);
    const later = decide(bundle, question(), NOW_MS + DAY_MS);
    expect(idsOf(later.admissible)).toEqual(["long"]);
    expect(later.excluded().every(({ reason }) => reason === "expired")).toBe(true);
    expect(idsOf(decide(bundle, question(), NOW_MS).admissible)).toEqual(["long"]);
  });

  it("is an instant that is no number", () => {
    expect(
      decide(under([backend("b", sheet({ "location.country": fact("DE", { expiresAtMs: NOW_MS + 1 }) }))], EEA), question(), Number.NaN)
        .admissible,
    ).toEqual([]);
  });
});

describe("certificates", () => {
  const C5 = rule("C5", { "backend.certs": { has_all: ["BSI-C5.type2", "ISO27001"] } }, { min_evidence: "audit" });
  const holding = (...held: Parameters<typeof sheet>[1] & object) => [backend("b", sheet({ "location.country": "DE" }, held))];

  it("cover lower rungs, each until its own end", () => {
    const fleet = holding(
      certificate("BSI-C5:2026.type2", { expiresAtMs: NOW_MS + DAY_MS }),
      certificate("ISO27001", { expiresAtMs: NOW_MS + 2 * DAY_MS }),
    );
    expect(judged(fleet, C5)).toMatchObject({ admissible: fleet, validUntilMs: NOW_MS + DAY_MS });
  });

  it("count until the last one ends when several do", () => {
    const fleet = holding(
      certificate("ISO27001"),
      certificate("BSI-C5.type2", { expiresAtMs: NOW_MS + DAY_MS }),
      certificate("BSI-C5:2020.type2", { expiresAtMs: NOW_MS + 3 * DAY_MS }),
    );
    expect(judged(fleet, C5).validUntilMs).toBe(NOW_MS + 3 * DAY_MS);
  });

  it.each([
    ["unknown", holding()],
    ["mismatch", holding(certificate("ISO27001"))],
    ["mismatch", holding(certificate("ISO27001"), certificate("BSI-C5:2026.type1"))],
    ["expired", holding(certificate("ISO27001"), certificate("BSI-C5.type2", { expiresAtMs: NOW_MS }))],
    ["evidence", holding(certificate("ISO27001"), certificate("BSI-C5.type2", { evidence: "contract" }))],
  ])("deny with reason %s", (reason, fleet) => {
    expect(
      judged(fleet, C5)
        .excluded()
        .map((each) => each.reason),
    ).toEqual([reason]);
  });

  it("suffice when any of the wanted is held", () => {
    expect(
      judged(holding(certificate("ISO27001")), rule("ANY", { "backend.certs": { has_any: ["SecNumCloud.3.2", "ISO27001"] } })).admissible,
    ).toHaveLength(1);
  });
});

describe("levels", () => {
  it.each(["platform", "operator", "msp", "tenant"] as const)("deny with no-policy when %s says nothing", (level) => {
    const decision = decide(bundleOf([standing("de", "DE")], permissive(level)), question(), NOW_MS);
    expect(reasons(decision.excluded())).toEqual([`de ${level} - - no-policy`]);
    expect(decision.admissible).toEqual([]);
  });

  it.each([
    ["of another class", rule("R", { "backend.location.country": { in: ["DE"] } }, { when: { "request.class": { at_least: "secret" } } })],
    [
      "of another endpoint",
      rule("R", { "backend.location.country": { in: ["DE"] } }, { when: { "request.endpoint": { in: ["embeddings"] } } }),
    ],
    ["about this cell alone", rule("R", { "backend.location.country": { in: ["DE"] } }, { applies_to: "self" })],
  ])("say nothing by a rule %s", (_, silent) => {
    expect(
      judged([standing("de", "DE")], silent)
        .excluded()
        .map(({ reason }) => reason),
    ).toEqual(["no-policy"]);
  });

  it("say nothing for a stranger", () => {
    const bundle = bundleOf([standing("de", "DE")], permissive());
    expect(decide(bundle, question({ tenant: tenantId("stranger") }), NOW_MS).admissible).toEqual([]);
    expect(decide(bundle, question({ msp: mspId("stranger") }), NOW_MS).admissible).toEqual([]);
  });

  it("bind an operator's own backends and nobody else's", () => {
    const fleet = [standing("a", "US"), standing("b", "US", { operator: operatorId("other") })];
    const open = rule("OPEN", { "backend.location.country": { in: ["@ALL_ASSIGNED"] } });
    const bundle = bundleOf(fleet, [...permissive("operator"), policy("operator", "op", [EEA]), policy("operator", "other", [open])]);
    expect(reasons(decide(bundle, question(), NOW_MS).excluded())).toEqual(["a operator EEA backend.location.country mismatch"]);
  });

  it("narrow further by project and by key", () => {
    const fleet = ["DE", "FR", "NO"].map((country) => standing(country, country));
    const at = (level: "project" | "key", countries: readonly string[]) =>
      policy(level, level, [rule("R", { "backend.location.country": { in: countries } })]);
    expect(
      idsOf(
        decide(bundleOf(fleet, [...permissive(), at("project", ["DE", "FR"]), at("key", ["FR", "NO"])]), question(), NOW_MS).admissible,
      ),
    ).toEqual(["FR"]);
  });

  it("know the class that nobody knows as a denial", () => {
    expect(reasons(decide(bundleOf([standing("de", "DE")], permissive()), question({ defaultClass: "top" }), NOW_MS).excluded())).toEqual([
      "de tenant - request.class unknown",
    ]);
  });
});

describe("rules", () => {
  it("hold by one of their alternatives, and name all of them when none holds", () => {
    const either = {
      id: "E",
      any_of: [
        { "backend.location.country": { in: ["DE"] } },
        { "backend.operator.country": { in: ["FR"] }, "backend.embargo": { in: [false] } },
      ],
    };
    const decision = judged(
      [
        standing("de", "DE"),
        standing("fr", "FR"),
        backend("ok", sheet({ "location.country": "US", "operator.country": "FR", embargo: false })),
      ],
      either,
    );
    expect(idsOf(decision.admissible)).toEqual(["de", "ok"]);
    expect(reasons(decision.excluded())).toEqual(["fr tenant E backend.location.country mismatch", "fr tenant E backend.embargo unknown"]);
  });

  it("may speak of this cell as well", () => {
    const rules = [rule("HERE", { "self.location.country": { in: ["FR"] } })];
    expect(reasons(judged([standing("fr", "FR")], ...rules).excluded())).toEqual(["fr tenant HERE self.location.country mismatch"]);
    expect(
      decide(
        bundleOf([standing("fr", "FR")], [...permissive("tenant"), policy("tenant", "tenant", rules)], {
          self: sheet({ "location.country": "FR" }),
        }),
        question(),
        NOW_MS,
      ).admissible,
    ).toHaveLength(1);
  });

  it("know operators and sites by the registry, whatever evidence is asked", () => {
    const decision = judged(
      [standing("a", "DE"), standing("b", "DE", { operator: operatorId("other") })],
      rule("OP", { "backend.operator.id": { in: ["op"] } }, { min_evidence: "attested" }),
    );
    expect(idsOf(decision.admissible)).toEqual(["a"]);
  });
});
