import { expect, it } from "vitest";
import { kvUse } from "../../../../src/routing/scorers/kv-use.ts";
import { candidate, saidBy } from "../planted.ts";

it("is what is left of the cache; silence is neutral", () => {
  const load = (use: number | undefined) => ({ load: { running: 0, waiting: 0, kvUse: use } });
  expect(saidBy(kvUse, [candidate("a", load(0.25)), candidate("b", load(1)), candidate("c", load(undefined)), candidate("d")])).toEqual([
    0.75, 0, 0.5, 0.5,
  ]);
});
