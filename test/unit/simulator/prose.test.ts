import { expect, it } from "vitest";
import { naturalLength, prose } from "../../../src/simulator/prose.ts";
import { encode } from "../../../src/simulator/tokens.ts";

it("says so many tokens, each of them one for the tokenizer too, and the same for the same seed", () => {
  for (const seed of [1, 2, 3]) {
    const said = prose(seed, 200);
    expect(said).toHaveLength(200);
    expect(encode(said.join(""))).toHaveLength(200);
    expect(prose(seed, 200)).toEqual(said);
  }
  expect(prose(1, 20)).not.toEqual(prose(2, 20));
});

it("ends by itself after a length that depends on the seed", () => {
  const lengths = new Set(Array.from({ length: 50 }, (_, seed) => naturalLength(seed)));
  expect(lengths.size).toBeGreaterThan(10);
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(24);
  expect(Math.max(...lengths)).toBeLessThan(48);
});
