/** Prefers backends with more of their declared room left: the one number that is never stale, for it is our own count. */
import type { Candidate } from "../fleet.ts";

/** Compared with the fullest of the list, but never with less than this share of the room. */
const SHARE_MIN = 1 / 16;

export function inFlight(candidates: readonly Candidate[], said: number[]): void {
  let fullest = SHARE_MIN;
  for (const candidate of candidates) fullest = Math.max(fullest, share(candidate));
  candidates.forEach((candidate, at) => {
    said[at] = 1 - share(candidate) / fullest;
  });
}

function share(candidate: Candidate): number {
  return candidate.inFlight / candidate.backend.concurrencyMax;
}
