import { describe, expect, it } from "vitest";
import { rank } from "../../../src/routing/rank.ts";
import type { Ranked } from "../../../src/routing/rank.ts";
import { candidate, profile, randomOf, seeded } from "./planted.ts";

const ids = (ranking: readonly Ranked[]): string[] => ranking.map((ranked) => ranked.candidate.backend.id);
const busy = (id: string, inFlight: number) => candidate(id, { inFlight });

describe("rank", () => {
  it("leaves out what cannot take a request", () => {
    expect(rank(profile("best"), [candidate("a", { state: "down" })], randomOf(0))).toEqual([]);
    expect(ids(rank(profile("best"), [candidate("a", { state: "full" }), candidate("b")], randomOf(0)))).toEqual(["b"]);
  });

  it("asks no generator about an only candidate", () => {
    const never = {
      unit(): number {
        throw new Error("asked");
      },
    };
    const [only] = rank(profile("power-of-two", { queue: 1 }), [candidate("a")], never);
    expect(only).toMatchObject({ score: 1, parts: { queue: 0.5 } });
  });

  it("orders by score, ties by id, whatever order they came in", () => {
    const list = [busy("d", 0), busy("b", 8), busy("a", 16), busy("c", 8)];
    expect(ids(rank(profile("best", { inFlight: 1 }), list, randomOf(0)))).toEqual(["d", "b", "c", "a"]);
    expect(ids(rank(profile("best", { inFlight: 1 }), list.toReversed(), randomOf(0)))).toEqual(["d", "b", "c", "a"]);
  });

  it("puts the picked first and keeps the others in order", () => {
    const list = [busy("a", 0), busy("b", 4), busy("c", 8), busy("d", 16)];
    expect(ids(rank(profile("power-of-two", { inFlight: 1 }), list, randomOf(0.6, 0.99)))).toEqual(["c", "a", "b", "d"]);
    expect(ids(rank(profile("weighted-random", { inFlight: 1 }), list, randomOf(0.99)))).toEqual(["c", "a", "b", "d"]);
  });

  it("weighs the scorers by the profile and explains each one's say", () => {
    const a = candidate("a", { inFlight: 16, load: { running: 9, waiting: 0, kvUse: 0.75 } });
    const b = candidate("b", { firstByteMsEwma: 10, backend: { weight: 3 } });
    const [first, second] = rank(profile("best", { queue: 1, kvUse: 3, inFlight: 0.5, latency: 1, weight: 2 }), [a, b], randomOf(0));
    expect(first).toMatchObject({ candidate: b, parts: { queue: 0.5, inFlight: 1, kvUse: 0.5, latency: 1, weight: 1 } });
    expect(second?.parts).toEqual({ queue: 1, inFlight: 0, kvUse: 0.25, latency: 1, weight: 1 / 3 });
    expect(first?.score).toBeCloseTo((0.5 + 1.5 + 0.5 + 1 + 2) / 7.5);
    expect(second?.score).toBeCloseTo((1 + 0.75 + 0 + 1 + 2 / 3) / 7.5);
  });

  it("clamps what an engine tells out of range", () => {
    const lying = candidate("a", { load: { running: 0, waiting: -5, kvUse: -9 } });
    const odd = candidate("b", { load: { running: 0, waiting: NaN, kvUse: 7 } });
    for (const ranked of rank(profile("best", { queue: 1, kvUse: 1 }), [lying, odd], randomOf(0))) {
      expect(ranked.score).toBeGreaterThanOrEqual(0);
      expect(ranked.score).toBeLessThanOrEqual(1);
    }
  });

  it("spreads by chance when the profile weighs nothing", () => {
    const random = seeded(5);
    const firsts = new Set(
      Array.from({ length: 200 }, () => ids(rank(profile("power-of-two"), [candidate("a"), candidate("b"), candidate("c")], random))[0]),
    );
    expect(firsts.size).toBe(3);
  });
});
