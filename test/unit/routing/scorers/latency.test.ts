import { expect, it } from "vitest";
import { latency } from "../../../../src/routing/scorers/latency.ts";
import { candidate, saidBy } from "../planted.ts";

const at = (id: string, firstByteMsEwma: number | undefined) => candidate(id, { firstByteMsEwma });

it("compares with the fastest; the unmeasured is tried", () => {
  expect(saidBy(latency, [at("a", 100), at("b", 400), at("c", undefined)])).toEqual([1, 0.25, 1]);
});

it("survives a measurement of 0", () => {
  expect(saidBy(latency, [at("a", 0), at("b", 10)])).toEqual([1, 0]);
});
