import { describe, expect, it } from "vitest";
import { readConditions, readRung } from "../../../src/policies/conditions.ts";
import { targetAttribute } from "../../../src/policies/vocabulary/attributes.ts";
import { reading } from "./reading.ts";

describe("readConditions", () => {
  const days = targetAttribute("retention.days");
  if (days === undefined) throw new Error("the vocabulary has retention.days");

  it("gives the operators of the attribute with their operands, and leaves out the others", () => {
    const { place, refused } = reading();
    expect(readConditions(days, { at_least: 1, at_most: 5, in: [3] }, place)).toEqual([
      ["at_least", 1],
      ["at_most", 5],
    ]);
    expect(refused()).toEqual(['in: "in" does not go with retention.days']);
  });

  it.each([null, [], "x", {}])("refuses %j", (value) => {
    const { place, refused } = reading();
    expect(readConditions(days, value, place)).toEqual([]);
    expect(refused()).toHaveLength(1);
  });
});

describe("readRung", () => {
  it("ranks from the weakest, and knows no rung but its own", () => {
    const { place, refused } = reading();
    expect(["low", "high", "top", 1].map((value) => readRung(["low", "high"], value, place))).toEqual([0, 1, undefined, undefined]);
    expect(refused()).toHaveLength(2);
  });
});
