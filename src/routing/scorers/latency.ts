/** Prefers backends that lately began to answer sooner, in proportion to the fastest of the list. */
import type { Candidate } from "../fleet.ts";

/** One without a fresh measurement scores best, since only traffic can measure it; its requests in flight keep a rush away. */
export function latency(candidates: readonly Candidate[], said: number[]): void {
  let fastestMs = Infinity;
  for (const { firstByteMsEwma } of candidates)
    if (firstByteMsEwma !== undefined && firstByteMsEwma < fastestMs) fastestMs = firstByteMsEwma;
  candidates.forEach(({ firstByteMsEwma }, at) => {
    said[at] = firstByteMsEwma === undefined || firstByteMsEwma <= 0 ? 1 : fastestMs / firstByteMsEwma;
  });
}
