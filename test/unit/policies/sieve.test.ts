import { describe, expect, it } from "vitest";
import { indexesOf, maskOf, passes, wordsFor } from "../../../src/policies/sieve.ts";

describe("masks", () => {
  it.each([[[]], [[0]], [[31]], [[32]], [[0, 31, 32, 63, 64]], [[95, 96]]])("hold %j", (indexes) => {
    const words = maskOf(indexes, 100);
    expect(indexesOf(words)).toEqual(indexes);
    for (let index = 0; index < 100; index++) expect(passes(words, index)).toBe(indexes.includes(index));
  });

  it("have a word for every thirty-two targets begun", () => {
    expect([0, 1, 32, 33].map(wordsFor)).toEqual([0, 1, 1, 2]);
  });
});
