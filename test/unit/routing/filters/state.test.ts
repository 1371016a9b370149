import { expect, it } from "vitest";
import { usable } from "../../../../src/routing/filters/state.ts";
import { candidate } from "../planted.ts";

it("leaves those that are up, and copies nothing when all are", () => {
  const states = ["up", "down", "breaker-open", "full", "model-not-ready"] as const;
  const all = states.map((state) => candidate(state, { state }));
  expect(usable(all)).toEqual([all[0]]);
  const up = [candidate("a"), candidate("b")];
  expect(usable(up)).toBe(up);
});
