/** Prefers backends by declared weight even where chance would share by it: for an operator who fills one site first. */
import type { Candidate } from "../fleet.ts";

export function weight(candidates: readonly Candidate[], said: number[]): void {
  let heaviest = 0;
  for (const { backend } of candidates) heaviest = Math.max(heaviest, backend.weight);
  candidates.forEach(({ backend }, at) => {
    said[at] = backend.weight / heaviest;
  });
}
