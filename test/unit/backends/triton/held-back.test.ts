import { expect, it } from "vitest";
import { heldBack } from "../../../../src/backends/triton/held-back.ts";

it.each([
  ["ab<|", ["<|end|>"], 2],
  ["ab<|end|>", ["<|end|>"], 0],
  ["aa", ["aab", "ab"], 2],
  ["a", ["ab", "b"], 1],
  ["", ["x"], 0],
  ["x", [], 0],
] as const)("of %j, %j may still come in %i characters", (text, words, held) => {
  expect(heldBack(text, words)).toBe(held);
});
