/** Prefers engines with fewer requests waiting: a queue is the time that passes before ours even starts. */
import type { Candidate } from "../fleet.ts";
import { NEUTRAL } from "./scorer.ts";

/** Queues are compared with the longest of the list, but never with less than this: 1 against 0 is no difference worth a detour. */
const REQUESTS_MIN = 8;

export function queue(candidates: readonly Candidate[], said: number[]): void {
  let longest = REQUESTS_MIN;
  for (const { load } of candidates) if (load !== undefined && load.waiting > longest) longest = load.waiting;
  candidates.forEach(({ load }, at) => {
    said[at] = load === undefined ? NEUTRAL : 1 - load.waiting / longest;
  });
}
