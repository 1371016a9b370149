import { describe, expect, it } from "vitest";
import { EVIDENCE } from "../../../../src/domain/facts.ts";
import { CLASS_RANK, CLASSES, EVIDENCE_RANK, REGISTRY_RANK } from "../../../../src/policies/vocabulary/ladders.ts";

describe("ladders", () => {
  it("rank from the weakest rung, which is 0", () => {
    expect(CLASSES.map((name) => CLASS_RANK.get(name))).toEqual([0, 1, 2, 3, 4]);
    expect(EVIDENCE.map((name) => EVIDENCE_RANK.get(name))).toEqual([0, 1, 2, 3]);
    expect(REGISTRY_RANK).toBeGreaterThan(EVIDENCE_RANK.get("attested") ?? Number.POSITIVE_INFINITY);
  });
});
