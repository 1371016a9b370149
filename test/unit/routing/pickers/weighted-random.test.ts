import { expect, it } from "vitest";
import { weightedRandom } from "../../../../src/routing/pickers/weighted-random.ts";
import { candidate, seeded } from "../planted.ts";

it("draws by score and weight", () => {
  const random = seeded(3);
  const list = [
    { candidate: candidate("a", { backend: { weight: 2 } }), score: 0.4 },
    { candidate: candidate("b"), score: 0.2 },
    { candidate: candidate("c"), score: 0 },
  ];
  const shares = [0, 0, 0];
  for (let i = 0; i < 4_000; i++) {
    const at = weightedRandom(list, random);
    shares[at] = (shares[at] ?? 0) + 1 / 4_000;
  }
  expect(shares[0]).toBeCloseTo(0.8, 1);
  expect(shares[2]).toBe(0);
});
