/** Facts turned on their side: one row of numbers per attribute, over all targets, so that a rule is judged on a whole fleet in a tight loop. */
import type { Known, Target } from "./ground.ts";
import { TARGET_ATTRIBUTES } from "./vocabulary/attributes.ts";
import { CERTIFICATES } from "./vocabulary/certificates.ts";

/** One attribute over all targets; position is the target's index. */
export interface Column {
  /** Unix milliseconds until which the fact counts; -Infinity: not known. */
  readonly untilMs: Float64Array;
  readonly rank: Int8Array;
  /** The fact's value, or -1 where `several` has its members. */
  readonly value: Int32Array;
  readonly several: readonly (readonly number[] | undefined)[];
}

/** All columns of a bundle. Facts do not change within it; those of certificates are made when a rule first asks. */
export class Columns {
  readonly #targets: readonly Target[];
  readonly #bySlot: readonly Column[];
  readonly #byCertificate: (Float64Array | undefined)[] = [];

  constructor(targets: readonly Target[]) {
    this.#targets = targets;
    this.#bySlot = TARGET_ATTRIBUTES.map(({ slot }) => columnOf(targets.map(({ known }) => known[slot])));
  }

  get length(): number {
    return this.#targets.length;
  }

  ofFact(slot: number): Column | undefined {
    return this.#bySlot[slot];
  }

  /** Until when each target holds a certificate with enough evidence; the last of several counts, -Infinity: none. */
  ofCertificate(code: number, evidenceLeast: number): Float64Array {
    return (this.#byCertificate[evidenceLeast * CERTIFICATES.length + code] ??= Float64Array.from(this.#targets, ({ certificates }) => {
      const held = certificates.filter((each) => each.covers[code] === 1 && each.rank >= evidenceLeast);
      return Math.max(Number.NEGATIVE_INFINITY, ...held.map(({ untilMs }) => untilMs));
    }));
  }
}

function columnOf(facts: readonly (Known | undefined)[]): Column {
  return {
    untilMs: Float64Array.from(facts, (fact) =>
      fact === undefined || fact.members.length === 0 ? Number.NEGATIVE_INFINITY : fact.untilMs,
    ),
    rank: Int8Array.from(facts, (fact) => fact?.rank ?? -1),
    value: Int32Array.from(facts, (fact) => (fact?.members.length === 1 ? (fact.members[0] ?? -1) : -1)),
    several: facts.map((fact) => (fact?.members.length === 1 ? undefined : fact?.members)),
  };
}
