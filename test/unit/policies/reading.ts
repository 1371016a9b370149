/** A place that remembers what was refused, for tests of single readers. */
import type { Lexicon } from "../../../src/policies/constants.ts";
import { Place, type Problem } from "../../../src/policies/problems.ts";

export function reading(): { readonly lexicon: Lexicon; readonly place: Place; readonly refused: () => readonly string[] } {
  const problems: Problem[] = [];
  const ids = {
    operators: new Map([["op", 0]]),
    sites: new Map([["site", 0]]),
    models: new Map([
      ["llama", 0],
      ["qwen", 1],
    ]),
  };
  return {
    lexicon: { ids, sets: "2026-11-22.1" },
    place: new Place(problems, (path) => path.join(".")),
    refused: () => problems.map(({ where, message }) => `${where}: ${message}`),
  };
}
