/** The checker's own test: every planted mistake is seen, under its own name. */
import { describe, expect, it } from "vitest";
import { PLANTS } from "./plants.ts";
import { simulate } from "./simulation.ts";

const SEEDS = 25;

describe("the checker", () => {
  it.each(Object.entries(PLANTS))("sees %s", async (_name, { breaks, plant }) => {
    let seen: readonly string[] = [];
    for (let seed = 1; seed <= SEEDS && !seen.includes(breaks); seed += 1) {
      seen = (await simulate(seed, plant)).breaches.map(({ rule }) => rule);
    }
    expect(seen).toContain(breaks);
  });
});
