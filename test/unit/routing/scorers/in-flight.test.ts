import { expect, it } from "vitest";
import { inFlight } from "../../../../src/routing/scorers/in-flight.ts";
import { candidate, saidBy } from "../planted.ts";

it("compares by share of the declared room", () => {
  const big = candidate("big", { inFlight: 8, backend: { concurrencyMax: 64 } });
  const small = candidate("small", { inFlight: 8, backend: { concurrencyMax: 16 } });
  expect(saidBy(inFlight, [big, small, candidate("idle")])).toEqual([0.75, 0, 1]);
});

it("makes little of nearly empty backends", () => {
  expect(saidBy(inFlight, [candidate("a", { inFlight: 1, backend: { concurrencyMax: 128 } }), candidate("b")])).toEqual([0.875, 1]);
});
