/** Prefers engines with room in their KV cache: a full one evicts running requests and computes them again. */
import type { Candidate } from "../fleet.ts";
import { NEUTRAL } from "./scorer.ts";

export function kvUse(candidates: readonly Candidate[], said: number[]): void {
  candidates.forEach(({ load }, at) => {
    said[at] = load?.kvUse === undefined ? NEUTRAL : 1 - load.kvUse;
  });
}
