/** A hundred seeds with every test run, those that once failed, and the proof that one seed is one story. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { simulate, type Outcome } from "./simulation.ts";

const SEEDS = 100;
const FAILED_ONCE = readFileSync(join(import.meta.dirname, "seeds.txt"), "utf8")
  .split("\n")
  .flatMap((line) => (/^\d+/.test(line) ? [Number.parseInt(line, 10)] : []));

const told = ({ seed, breaches }: Outcome): readonly string[] =>
  breaches.slice(0, 5).map(({ rule, what, atMs }) => `seed ${seed}, ${atMs} ms, ${rule}: ${what}`);

describe("the whole gateway", () => {
  it(`breaks nothing in ${SEEDS} seeds`, async () => {
    const seen: Record<string, number> = {};
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const outcome = await simulate(seed);
      expect(told(outcome)).toEqual([]);
      for (const [kind, count] of Object.entries(outcome.seen)) seen[kind] = (seen[kind] ?? 0) + count;
    }
    // A simulation in which nothing happens would pass as well.
    for (const kind of [
      "served",
      "failed",
      "abandoned",
      "deaths",
      "reloads",
      "drains",
      "ended: done",
      "ended: error",
      "ended: insufficient_quota",
      "ended: rate_limit_exceeded",
      "ended: ledger_unavailable",
      "ended: SOV_NO_ADMISSIBLE",
    ]) {
      expect(seen[kind] ?? 0, kind).toBeGreaterThan(5);
    }
  }, 120_000);

  it("breaks nothing where it once did", async () => {
    for (const seed of FAILED_ONCE) expect(told(await simulate(seed))).toEqual([]);
  }, 60_000);

  it("tells the same story for the same seed, and another for another", async () => {
    const hashes = [];
    for (const seed of [7, 7, 8, 8]) hashes.push((await simulate(seed)).hash);
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[2]).toBe(hashes[3]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });
});
