import { describe, expect, it } from "vitest";
import { backendId } from "../../../src/domain/ids.ts";
import type { Exclusion, Level } from "../../../src/domain/law.ts";
import { placedExclusions } from "../../../src/policies/placed.ts";

const ATTRIBUTE = "backend.location.country";
const PLACES: Readonly<Record<string, string>> = { one: "US", two: "US", three: "FR" };
const placeOf = (backend: string): string | undefined => PLACES[backend];

function against(backend: string, level: Level, rule = "RULE"): Exclusion {
  return { backend: backendId(backend), level, rule, attribute: ATTRIBUTE, reason: "mismatch" };
}

describe("placedExclusions", () => {
  it("name place, level, the caller's own rule and the reason, and count equal ones", () => {
    expect(placedExclusions([against("one", "tenant"), against("two", "tenant"), against("three", "request")], placeOf, 9)).toEqual([
      { place: "US", level: "tenant", rule: "RULE", attribute: ATTRIBUTE, reason: "mismatch", count: 2 },
      { place: "FR", level: "request", rule: "RULE", attribute: ATTRIBUTE, reason: "mismatch", count: 1 },
    ]);
  });

  it.each(["platform", "operator", "msp"] as const)("tell of the %s nothing but that it stands against the place", (level) => {
    expect(placedExclusions([against("one", level, "A"), against("one", level, "B"), against("nowhere", level, "A")], placeOf, 9)).toEqual([
      { place: "US", level, rule: null, attribute: null, reason: "mismatch", count: 1 },
      { place: null, level, rule: null, attribute: null, reason: "mismatch", count: 1 },
    ]);
  });

  it("are never more than the bound", () => {
    const many = Array.from({ length: 50 }, (_, at) => against("one", "tenant", `R${at}`));
    expect(placedExclusions(many, placeOf, 3)).toHaveLength(3);
  });
});
