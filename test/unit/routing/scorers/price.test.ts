import { expect, it } from "vitest";
import { price } from "../../../../src/routing/scorers/price.ts";
import { candidate, saidBy } from "../planted.ts";

it("compares with the cheapest, and is neutral where nothing is told", () => {
  expect(saidBy(price, [candidate("a", { price: 400 }), candidate("b", { price: 100 }), candidate("c")])).toEqual([0.25, 1, 0.5]);
  expect(saidBy(price, [candidate("a"), candidate("b")])).toEqual([0.5, 0.5]);
});

it("takes what costs nothing for the best", () => {
  expect(saidBy(price, [candidate("a", { price: 0 }), candidate("b", { price: 100 })])).toEqual([1, 0]);
});
