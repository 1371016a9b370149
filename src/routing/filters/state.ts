/** Leaves the candidates that can take a request now. */
import type { Candidate } from "../fleet.ts";

/** The same list when all of them can: the usual case costs no copy. */
export function usable(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.every(isUp) ? candidates : candidates.filter(isUp);
}

function isUp(candidate: Candidate): boolean {
  return candidate.state === "up";
}
