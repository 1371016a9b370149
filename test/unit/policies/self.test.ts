import { describe, expect, it } from "vitest";
import { selfAdmits } from "../../../src/policies/self.ts";
import { bundleOf, DAY_MS, fact, MODEL, NOW_MS, permissive, policy, question, rule, sheet, standing } from "./fixture.ts";

const { model, capability, ...who } = question();
const under = (rest: Readonly<Record<string, unknown>> = {}, country = "DE") =>
  bundleOf(
    [standing("b", "DE")],
    [...permissive("tenant"), policy("tenant", "tenant", [rule("R", { "backend.location.country": { in: ["DE"] } }, rest)])],
    {
      self: sheet({ "location.country": fact(country, { expiresAtMs: NOW_MS + DAY_MS }) }),
    },
  );

describe("selfAdmits", () => {
  it("judges this cell by rules for both, which rules are unless they say otherwise", () => {
    expect(selfAdmits(under(), who, NOW_MS)).toEqual({ ok: true });
    expect(selfAdmits(under({}, "US"), who, NOW_MS)).toEqual({
      ok: false,
      exclusions: [{ backend: "self", level: "tenant", rule: "R", attribute: "self.location.country", reason: "mismatch" }],
    });
    expect(selfAdmits(under({ applies_to: "self" }, "US"), who, NOW_MS).ok).toBe(false);
    expect(selfAdmits(under({ applies_to: "backend" }, "US"), who, NOW_MS).ok).toBe(true);
  });

  it("takes a guard on what only the body tells to match, and one on the class at its word", () => {
    expect(selfAdmits(under({ when: { "request.model": { in: [MODEL.id] } } }, "US"), who, NOW_MS).ok).toBe(false);
    expect(selfAdmits(under({ when: { "request.endpoint": { in: ["chat"] } } }, "US"), who, NOW_MS).ok).toBe(false);
    expect(selfAdmits(under({ when: { "request.class": { at_least: "secret" } } }), who, NOW_MS)).toMatchObject({
      exclusions: [{ level: "tenant", reason: "no-policy" }],
    });
    expect(selfAdmits(under({ when: { "request.class": { at_least: "secret" } } }), { ...who, defaultClass: "secret" }, NOW_MS).ok).toBe(
      true,
    );
  });

  it("holds this cell to the header", () => {
    expect(selfAdmits(under(), { ...who, require: "country=(DE)" }, NOW_MS).ok).toBe(true);
    expect(selfAdmits(under(), { ...who, require: "country=(FR)" }, NOW_MS)).toMatchObject({
      exclusions: [{ level: "request", attribute: "self.location.country" }],
    });
  });

  it("denies from the moment that a fact about this cell ends, also for an answer that was kept", () => {
    const bundle = under();
    expect(selfAdmits(bundle, who, NOW_MS + DAY_MS - 1).ok).toBe(true);
    expect(selfAdmits(bundle, who, NOW_MS + DAY_MS)).toMatchObject({ ok: false });
  });

  it.each(["platform", "msp", "tenant"] as const)("denies when %s says nothing", (level) => {
    expect(selfAdmits(bundleOf([], permissive(level)), who, NOW_MS)).toEqual({
      ok: false,
      exclusions: [{ backend: "self", level, rule: "-", attribute: "-", reason: "no-policy" }],
    });
  });

  it("knows neither model nor endpoint", () => {
    expect([model, capability]).toEqual(["llama", "chat"]);
    expect("model" in who || "capability" in who).toBe(false);
  });
});
