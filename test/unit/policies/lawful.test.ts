import { describe, expect, it } from "vitest";
import { modelId, operatorId, siteId } from "../../../src/domain/ids.ts";
import { decide } from "../../../src/policies/decide.ts";
import { stillLawful } from "../../../src/policies/lawful.ts";
import { backend, bundleOf, DAY_MS, fact, NOW_MS, permissive, policy, question, rule, sheet, standing } from "./fixture.ts";

const de = standing("de", "DE");
const only = (...countries: readonly string[]) =>
  policy("tenant", "tenant", [rule("R", { "backend.location.country": { in: countries } }, { applies_to: "backend" })]);
const open = () => bundleOf([de], permissive());

describe("stillLawful", () => {
  it("asks the newest law, whatever was decided", () => {
    expect(decide(open(), question(), NOW_MS).admissible).toEqual([de]);
    expect(stillLawful(open(), question(), de, NOW_MS)).toBe(true);
    expect(stillLawful(bundleOf([de], [...permissive("tenant"), only("FR")], { epoch: 2 }), question(), de, NOW_MS)).toBe(false);
    expect(stillLawful(bundleOf([de], permissive("tenant")), question(), de, NOW_MS)).toBe(false);
  });

  it.each(["platform", "operator", "msp", "tenant"] as const)(
    "asks the rules of %s, and does not take its silence for consent",
    (level) => {
      const subject = { platform: "", operator: "op", msp: "msp", tenant: "tenant" }[level];
      const narrowed = (country: string) => [
        ...permissive(level),
        policy(level, subject, [rule("R", { "backend.location.country": { in: [country] } }, { applies_to: "backend" })]),
      ];
      expect(stillLawful(bundleOf([de], narrowed("DE")), question(), de, NOW_MS)).toBe(true);
      expect(stillLawful(bundleOf([de], narrowed("FR")), question(), de, NOW_MS)).toBe(false);
      expect(stillLawful(bundleOf([de], permissive(level)), question(), de, NOW_MS)).toBe(false);
    },
  );

  it("takes no cached decision for an answer when a fact has ended since", () => {
    const short = backend("short", sheet({ "location.country": fact("DE", { expiresAtMs: NOW_MS + DAY_MS }) }));
    const bundle = bundleOf([short], permissive());
    expect(decide(bundle, question(), NOW_MS).admissible).toEqual([short]);
    expect(stillLawful(bundle, question(), short, NOW_MS + DAY_MS - 1)).toBe(true);
    expect(stillLawful(bundle, question(), short, NOW_MS + DAY_MS)).toBe(false);
    expect(stillLawful(bundle, question(), short, Number.NaN)).toBe(false);
  });

  it("knows a backend by where it is, not by its name alone", () => {
    expect(stillLawful(open(), question(), { ...de }, NOW_MS)).toBe(true);
    expect(stillLawful(open(), question(), { ...de, baseUrl: "http://elsewhere:8000" }, NOW_MS)).toBe(false);
    expect(stillLawful(open(), question(), { ...de, operator: operatorId("other") }, NOW_MS)).toBe(false);
    expect(stillLawful(open(), question(), { ...de, site: siteId("moved") }, NOW_MS)).toBe(false);
    expect(stillLawful(open(), question(), { ...de, engine: "triton" }, NOW_MS)).toBe(false);
    expect(stillLawful(open(), question(), standing("gone", "DE"), NOW_MS)).toBe(false);
    expect(stillLawful(open(), question({ model: modelId("gone") }), de, NOW_MS)).toBe(false);
  });

  it("keeps the header and the class in force", () => {
    expect(stillLawful(open(), question({ require: "country=(FR)" }), de, NOW_MS)).toBe(false);
    expect(stillLawful(open(), question({ defaultClass: "top" }), de, NOW_MS)).toBe(false);
  });

  it("holds this cell to the law as well", () => {
    const abroad = { self: sheet({ "location.country": "US" }) };
    const both = policy("tenant", "tenant", [rule("R", { "backend.location.country": { in: ["DE"] } })]);
    expect(stillLawful(bundleOf([de], [...permissive("tenant"), both], abroad), question(), de, NOW_MS)).toBe(false);
    expect(stillLawful(bundleOf([de], [...permissive("tenant"), only("DE")], abroad), question(), de, NOW_MS)).toBe(true);
  });
});
