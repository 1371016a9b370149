import { describe, expect, it } from "vitest";
import { certificates, countriesFact, countryFact, fact, facts } from "../../../../src/config/schema/facts.ts";

describe("claims", () => {
  it("are a value alone, or a value with its evidence", () => {
    for (const value of ["shared", 0, false, ["DE", "FR"]]) {
      expect(fact.parse(value)).toEqual(value);
      expect(fact.parse({ value })).toEqual({ value, evidence: "self" });
    }
    expect(fact.safeParse({ value: "x", evidence: "rumour" }).success).toBe(false);
    expect(fact.safeParse({ evidence: "audit" }).success).toBe(false);
    expect(fact.safeParse([]).success).toBe(false);
    expect(fact.safeParse(null).success).toBe(false);
  });

  it("of places take countries only", () => {
    expect([
      countryFact.safeParse("DE").success,
      countryFact.safeParse(["DE", "FR"]).success,
      countryFact.safeParse("Germany").success,
    ]).toEqual([true, true, false]);
    expect([
      countriesFact.safeParse(["DE"]).success,
      countriesFact.safeParse("DE").success,
      countriesFact.safeParse({ value: [] }).success,
    ]).toEqual([true, false, false]);
  });

  it("go by attribute names without their prefix", () => {
    expect(facts.safeParse({ "retention.days": 0 }).success).toBe(true);
    expect(facts.safeParse({ "Retention.days": 0 }).success).toBe(false);
    expect(certificates.parse([{ code: "ISO27001" }])).toEqual([{ code: "ISO27001", evidence: "self" }]);
    expect(certificates.safeParse(["ISO27001"]).success).toBe(false);
  });
});
