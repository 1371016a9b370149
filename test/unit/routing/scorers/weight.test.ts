import { expect, it } from "vitest";
import { weight } from "../../../../src/routing/scorers/weight.ts";
import { candidate, saidBy } from "../planted.ts";

it("compares with the heaviest", () => {
  expect(saidBy(weight, [candidate("a", { backend: { weight: 4 } }), candidate("b")])).toEqual([1, 0.25]);
});
