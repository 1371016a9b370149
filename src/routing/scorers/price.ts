/** Prefers backends whose operators ask less for the request at hand, in proportion to the cheapest of the list. */
import type { Candidate } from "../fleet.ts";
import { NEUTRAL } from "./scorer.ts";

export function price(candidates: readonly Candidate[], said: number[]): void {
  let cheapest = Infinity;
  for (const candidate of candidates) if (candidate.price !== undefined && candidate.price < cheapest) cheapest = candidate.price;
  candidates.forEach((candidate, at) => {
    said[at] = candidate.price === undefined ? NEUTRAL : candidate.price <= 0 ? 1 : cheapest / candidate.price;
  });
}
