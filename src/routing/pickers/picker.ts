/** The seam of all pickers: who goes first among the scored. */
import type { Random } from "../../ports.ts";
import type { Candidate } from "../fleet.ts";

/** A candidate with its score, 0 to 1. */
export interface Scored {
  readonly candidate: Candidate;
  readonly score: number;
}

/** Returns the position of the first choice. The list is never empty and best first; ties stand in the order of ids. */
export type Picker = (scored: readonly Scored[], random: Pick<Random, "unit">) => number;
