/** Which targets a rule lets pass, as one bit each: judged once per rule, kept until the first fact that it rests on ends. */
import { BOUNDS } from "../bounds.ts";
import type { Columns } from "./columns.ts";
import { ruleEnds } from "./ends.ts";
import { NOTHING_MORE, type Requirement } from "./require.ts";
import type { Rule } from "./rule.ts";

export interface Mask {
  /** Bit i of word w is target 32 w + i. */
  readonly words: Int32Array;
  /** Unix milliseconds from which a bit may have to fall. */
  readonly untilMs: number;
}

export const wordsFor = (targets: number): number => (targets + 31) >>> 5;

/** A mask with these targets set. */
export function maskOf(indexes: readonly number[], targets: number): Int32Array {
  const words = new Int32Array(wordsFor(targets));
  for (const index of indexes) words[index >>> 5] = (words[index >>> 5] ?? 0) | (1 << (index & 31));
  return words;
}

export const passes = (words: Int32Array, index: number): boolean => ((words[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;

/** Targets whose bit is set, ascending. */
export function indexesOf(words: Int32Array): readonly number[] {
  const indexes: number[] = [];
  for (let at = 0; at < words.length; at++) {
    for (let word = words[at] ?? 0; word !== 0; word &= word - 1) indexes.push((at << 5) + 31 - Math.clz32(word & -word));
  }
  return indexes;
}

/** Rules of a bundle as masks. Bounded by its rules times the rungs of evidence. */
export class Sieve {
  readonly #columns: Columns;
  /** Judging is synchronous, so one row of working space serves all. */
  readonly #scratch: Float64Array;
  readonly #masks = new Map<Rule, Mask[]>();

  constructor(columns: Columns) {
    this.#columns = columns;
    this.#scratch = new Float64Array(columns.length);
  }

  /** Judges rules ahead of the first question, as many as may hold up a reload. */
  warm(rules: Iterable<Rule>, nowMs: number): void {
    let judgements = 0;
    for (const rule of rules) {
      judgements += this.#columns.length;
      if (judgements > BOUNDS.lawWarmJudgementsMax) return;
      this.maskFor(NOTHING_MORE, rule, nowMs);
    }
  }

  /**
   * The mask of a rule for a request. Masks of the bundle's own rules are kept, that of the request's header is not. Facts only end, so a
   * kept mask never lets too much pass before its own end, not even when the clock is set back.
   */
  maskFor(requirement: Requirement, rule: Rule, nowMs: number): Mask {
    const { evidenceLeast } = requirement;
    if (rule === requirement.rule) return this.#sift(rule, evidenceLeast, nowMs);
    let byRank = this.#masks.get(rule);
    if (byRank === undefined) this.#masks.set(rule, (byRank = []));
    const kept = byRank[evidenceLeast];
    if (kept !== undefined && nowMs < kept.untilMs) return kept;
    return (byRank[evidenceLeast] = this.#sift(rule, evidenceLeast, nowMs));
  }

  #sift(rule: Rule, evidenceLeast: number, nowMs: number): Mask {
    const ends = this.#scratch;
    ruleEnds(ends, rule, { columns: this.#columns, evidenceLeast: Math.max(rule.evidenceLeast, evidenceLeast) });
    const words = new Int32Array(wordsFor(ends.length));
    let untilMs = Number.POSITIVE_INFINITY;
    for (let index = 0; index < ends.length; index++) {
      const endMs = ends[index] ?? nowMs;
      if (!(nowMs < endMs)) continue;
      words[index >>> 5] = (words[index >>> 5] ?? 0) | (1 << (index & 31));
      if (endMs < untilMs) untilMs = endMs;
    }
    return { words, untilMs };
  }
}
