/** The seam of all scorers: a list in, one number per candidate out. */
import type { Candidate } from "../fleet.ts";

/**
 * Writes how good each candidate is in one respect at its position in `said`: 0 worst, 1 best; what lies outside is clamped.
 * How much the respect counts is the profile's matter, never the scorer's. The array is the caller's, for it is asked on every request.
 */
export type Scorer = (candidates: readonly Candidate[], said: number[]) => void;

/** Says nothing for and nothing against: for a candidate whose engine does not tell. */
export const NEUTRAL = 0.5;
