/** Where is best? Filters, scores and picks among the candidates that the law has left. The same input and seed give the same ranking. */
import type { RoutingProfile } from "../domain/estate.ts";
import type { Random } from "../ports.ts";
import { usable } from "./filters/state.ts";
import type { Candidate } from "./fleet.ts";
import { best } from "./pickers/best.ts";
import type { Picker } from "./pickers/picker.ts";
import { powerOfTwo } from "./pickers/power-of-two.ts";
import { weightedRandom } from "./pickers/weighted-random.ts";
import { inFlight } from "./scorers/in-flight.ts";
import { kvUse } from "./scorers/kv-use.ts";
import { latency } from "./scorers/latency.ts";
import { price } from "./scorers/price.ts";
import { queue } from "./scorers/queue.ts";
import { NEUTRAL } from "./scorers/scorer.ts";
import type { Scorer } from "./scorers/scorer.ts";
import { weight } from "./scorers/weight.ts";

/** A usable candidate in its place. */
export interface Ranked {
  readonly candidate: Candidate;
  /** Weighted mean of what the scorers said, 0 to 1. 1 for an only candidate: nothing was compared. */
  readonly score: number;
  /** What each scorer said, 0 to 1, by its name in the profile; computed when asked for. */
  readonly parts: Readonly<Record<string, number>>;
}

interface Among {
  readonly profile: RoutingProfile;
  readonly list: readonly Candidate[];
}

type Respect = keyof RoutingProfile["weights"];

const SCORERS = { queue, inFlight, kvUse, latency, price, weight } satisfies Record<Respect, Scorer>;
const RESPECTS = ["queue", "inFlight", "kvUse", "latency", "price", "weight"] as const satisfies readonly Respect[];
const PICKERS = { best, "power-of-two": powerOfTwo, "weighted-random": weightedRandom } satisfies Record<RoutingProfile["picker"], Picker>;

/** The usable candidates, best first. The profile's picker chooses the first; the others follow by score, then by id. */
export function rank(profile: RoutingProfile, candidates: readonly Candidate[], random: Pick<Random, "unit">): readonly Ranked[] {
  const list = usable(candidates);
  const only = list[0];
  if (only === undefined) return [];
  if (list.length === 1) return [new Placed(only, 1, { profile, list })];
  const among = { profile, list: byId(list) };
  const scores = scored(profile, among.list);
  const ranking = among.list.map((candidate, at) => new Placed(candidate, scores[at] ?? 0, among));
  ranking.sort((a, b) => b.score - a.score); // stable: ties stay in the order of ids
  const picked = PICKERS[profile.picker](ranking, random);
  if (picked > 0) ranking.unshift(...ranking.splice(picked, 1));
  return ranking;
}

/** The order in which candidates came must not matter: neither ties nor draws may depend on it. */
function byId(list: readonly Candidate[]): readonly Candidate[] {
  for (let at = 1; at < list.length; at++) {
    const before = list[at - 1];
    const after = list[at];
    if (before !== undefined && after !== undefined && before.backend.id > after.backend.id) return list.toSorted(compareIds);
  }
  return list;
}

function compareIds(a: Candidate, b: Candidate): number {
  return a.backend.id < b.backend.id ? -1 : 1;
}

/** Weighted means in the order of the list; all the same when the profile weighs nothing. */
function scored(profile: RoutingProfile, list: readonly Candidate[]): readonly number[] {
  const sums = new Array<number>(list.length).fill(0);
  const said = new Array<number>(list.length).fill(NEUTRAL);
  let weights = 0;
  for (const respect of RESPECTS) weights += profile.weights[respect];
  for (const respect of RESPECTS) {
    const share = profile.weights[respect] / weights;
    if (!(share > 0)) continue;
    SCORERS[respect](list, said);
    for (let at = 0; at < sums.length; at++) sums[at] = (sums[at] ?? 0) + share * clamped(said[at]);
  }
  return sums;
}

/** A scorer that says nothing, NaN or nonsense must not win. */
function clamped(score: number | undefined): number {
  return score !== undefined && score > 0 ? Math.min(score, 1) : 0;
}

/** Remembers what it was compared with, so that explaining costs nothing until somebody asks. */
class Placed implements Ranked {
  readonly candidate: Candidate;
  readonly score: number;
  readonly #among: Among;

  constructor(candidate: Candidate, score: number, among: Among) {
    this.candidate = candidate;
    this.score = score;
    this.#among = among;
  }

  get parts(): Readonly<Record<string, number>> {
    const { profile, list } = this.#among;
    const at = list.indexOf(this.candidate);
    const parts: Record<string, number> = {};
    for (const respect of RESPECTS) {
      if (profile.weights[respect] <= 0) continue;
      const said = new Array<number>(list.length).fill(NEUTRAL);
      SCORERS[respect](list, said);
      parts[respect] = clamped(said[at]);
    }
    return parts;
  }
}
