import { describe, expect, it } from "vitest";
import { DECLARED_LEVELS, policies, policyRules, uses } from "../../../../src/config/schema/policy.ts";

describe("policies in the file", () => {
  it("bind every level but the request", () => {
    expect(DECLARED_LEVELS).toEqual(["platform", "operator", "msp", "tenant", "project", "key"]);
    expect(policies.safeParse([{ level: "request", document: {} }]).success).toBe(false);
    expect(policies.safeParse([{ level: "tenant", subject: "a", document: { anything: [1] } }]).success).toBe(true);
  });

  it("leave the language to policies/, but not an empty list of rules", () => {
    expect(policyRules.safeParse([{ id: "A", nonsense: true }]).success).toBe(true);
    for (const wrong of [[], ["rule"], {}]) expect(policyRules.safeParse(wrong).success).toBe(false);
  });

  it("pin releases as text", () => {
    expect(uses.safeParse({ sets: "2026-11-22.1" }).success).toBe(true);
    for (const wrong of [{ sets: 2026 }, { set: "1" }]) expect(uses.safeParse(wrong).success).toBe(false);
  });
});
