/** Remembers answers to equal questions: two generations, so that it is bounded and forgets what is no longer asked without bookkeeping per hit. */
import { BOUNDS } from "../bounds.ts";
import type { Asker } from "./book.ts";

interface Entry<V> {
  readonly asker: Asker;
  readonly value: V;
  readonly untilMs: number;
}

/** Answers by question. One key fills at most `decisionsPerKeyMax` places, so no caller can push out the others by varying its header. */
export class AnswerCache<V> {
  #young = new Map<string, Entry<V>[]>();
  #old = new Map<string, Entry<V>[]>();
  #youngEntries = 0;

  /** The answer, while no fact that it rests on has ended. */
  get(asker: Asker, nowMs: number): V | undefined {
    const entry = find(this.#young.get(asker.key), asker) ?? this.#revive(asker);
    return entry !== undefined && nowMs < entry.untilMs ? entry.value : undefined;
  }

  set(asker: Asker, value: V, untilMs: number): void {
    // A copy: whoever asked may use its object again.
    this.#put({ asker: { ...asker }, value, untilMs });
  }

  /** Answers held at the moment, both generations. */
  get size(): number {
    let size = this.#youngEntries;
    for (const bucket of this.#old.values()) size += bucket.length;
    return size;
  }

  #revive(asker: Asker): Entry<V> | undefined {
    const entry = find(this.#old.get(asker.key), asker);
    if (entry !== undefined) this.#put(entry);
    return entry;
  }

  #put(entry: Entry<V>): void {
    if (this.#youngEntries >= BOUNDS.decisionCacheEntriesMax / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngEntries = 0;
    }
    const bucket = this.#young.get(entry.asker.key) ?? [];
    const same = bucket.findIndex((each) => equal(each.asker, entry.asker));
    if (same >= 0) bucket.splice(same, 1);
    else if (bucket.length >= BOUNDS.decisionsPerKeyMax) bucket.shift();
    else this.#youngEntries++;
    bucket.push(entry);
    this.#young.set(entry.asker.key, bucket);
  }
}

function find<V>(bucket: readonly Entry<V>[] | undefined, asker: Asker): Entry<V> | undefined {
  if (bucket === undefined) return undefined;
  for (let index = 0; index < bucket.length; index++) {
    const entry = bucket[index];
    if (entry !== undefined && equal(entry.asker, asker)) return entry;
  }
  return undefined;
}

function equal(a: Asker, b: Asker): boolean {
  return (
    a.model === b.model &&
    a.capability === b.capability &&
    a.require === b.require &&
    a.defaultClass === b.defaultClass &&
    a.key === b.key &&
    a.project === b.project &&
    a.tenant === b.tenant &&
    a.msp === b.msp
  );
}
