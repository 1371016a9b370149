import { describe, expect, it } from "vitest";
import { powerOfTwo } from "../../../../src/routing/pickers/power-of-two.ts";
import { candidate, randomOf, seeded } from "../planted.ts";

const scored = (id: string, score: number, weight = 1) => ({ candidate: candidate(id, { backend: { weight } }), score });

describe("powerOfTwo", () => {
  const three = [scored("a", 0.9), scored("b", 0.5), scored("c", 0.1)];

  it("takes the better of the two drawn, whichever came first", () => {
    expect(powerOfTwo(three, randomOf(0.4, 0.9))).toBe(1);
    expect(powerOfTwo(three, randomOf(0.9, 0.6))).toBe(1);
  });

  it("draws two different ones: the worst is never taken", () => {
    const random = seeded(7);
    const taken = new Set(Array.from({ length: 300 }, () => powerOfTwo(three, random)));
    expect(taken).toEqual(new Set([0, 1]));
  });

  it("shares equal load by weight", () => {
    const random = seeded(42);
    let first = 0;
    for (let i = 0; i < 4_000; i++) first += powerOfTwo([scored("a", 0.5, 3), scored("b", 0.5, 1)], random) === 0 ? 1 : 0;
    expect(first / 4_000).toBeCloseTo(0.75, 1);
  });
});
