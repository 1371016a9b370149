import { describe, expect, it } from "vitest";
import { hashNumbers, hashText, SeededRandom } from "../../../src/simulator/seeded.ts";

describe("SeededRandom", () => {
  it("gives the same numbers for the same seed and others for another", () => {
    const take = (seed: number) =>
      Array.from(
        { length: 5 },
        (
          (random) => () =>
            random.unit()
        )(new SeededRandom(seed)),
      );
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
  });

  it("stays within its range and fills it", () => {
    const random = new SeededRandom(1);
    const counts = [0, 0, 0, 0];
    for (let index = 0; index < 4_000; index += 1) counts[random.below(4)] = (counts[random.below(4)] ?? 0) + 1;
    expect(random.hex(13)).toMatch(/^[0-9a-f]{13}$/);
    expect(Math.min(...counts)).toBeGreaterThan(500);
  });
});

describe("hashes", () => {
  it("depend on all of the input and on the seed", () => {
    expect(hashText("ab", 1)).toBe(hashText("ab", 1));
    expect(new Set([hashText("ab", 1), hashText("ba", 1), hashText("ab", 2)]).size).toBe(3);
    expect(new Set([hashNumbers([1, 2], 0), hashNumbers([2, 1], 0), hashNumbers([1, 2], 3)]).size).toBe(3);
  });
});
