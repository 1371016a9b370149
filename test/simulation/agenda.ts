/** Virtual time: all that will happen, in one order. Between two events every microtask has run, and then the turn's own callbacks. */
import type { Clock, Stop } from "../../src/ports.ts";

/** Whoever owns an event: a process whose events vanish when it dies. */
export interface Owner {
  alive: boolean;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly owner: Owner;
  readonly then: () => void;
  cancelled: boolean;
}

/** Owns what outlives every process: callers, engines, the weather. */
export const NATURE: Owner = { alive: true };

export class Agenda {
  /** Monotonic, since the simulation began. */
  nowMs = 0;
  /** The wall clock; somebody may set it. */
  wallOffsetMs: number;
  /** Asked when a turn has callbacks that have not run yet: the moment in which a dying process loses most. */
  beforeTurn: () => void = () => undefined;
  /** Whether the next event of the same instant belongs to the same turn. */
  readonly #joins: () => boolean;
  readonly #heap: Entry[] = [];
  #turns: { readonly owner: Owner; readonly then: () => void }[] = [];
  #order = 0;
  events = 0;

  constructor(startMs: number, joins: () => boolean) {
    this.wallOffsetMs = startMs;
    this.#joins = joins;
  }

  get wallMs(): number {
    return this.wallOffsetMs + this.nowMs;
  }

  after(ms: number, owner: Owner, then: () => void): Stop {
    const entry: Entry = { atMs: this.nowMs + Math.max(0, ms), order: this.#order++, owner, then, cancelled: false };
    this.#push(entry);
    return () => void (entry.cancelled = true);
  }

  turn(owner: Owner, then: () => void): void {
    this.#turns.push({ owner, then });
  }

  /** One turn: an event, perhaps more of the same instant, and everything that follows from them. False: nothing is left. */
  async step(): Promise<boolean> {
    let entry = this.#next();
    if (entry === undefined) return false;
    do {
      this.nowMs = Math.max(this.nowMs, entry.atMs);
      this.events += 1;
      entry.then();
      await drained();
      const next: Entry | undefined = this.#heap[0];
      entry = next !== undefined && next.atMs <= this.nowMs && this.#joins() ? this.#next() : undefined;
    } while (entry !== undefined);
    while (this.#turns.length > 0) {
      this.beforeTurn();
      const turns = this.#turns;
      this.#turns = [];
      for (const { owner, then } of turns) if (owner.alive) then();
      await drained();
    }
    return true;
  }

  #next(): Entry | undefined {
    for (let entry = this.#pop(); entry !== undefined; entry = this.#pop()) {
      if (!entry.cancelled && entry.owner.alive) return entry;
    }
    return undefined;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && before(right, left)) child += 1;
      const below = right !== undefined && before(right, left) ? right : left;
      if (!before(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function before(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/** Resolves when no microtask is left: an immediate runs behind all of them. */
function drained(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** The clock that one process is given: with the process its timers die. */
export class LifeClock implements Clock {
  readonly #agenda: Agenda;
  readonly #owner: Owner;

  constructor(agenda: Agenda, owner: Owner) {
    this.#agenda = agenda;
    this.#owner = owner;
  }

  nowMs(): number {
    return this.#agenda.wallMs;
  }

  monotonicMs(): number {
    return this.#agenda.nowMs;
  }

  after(ms: number, then: () => void): Stop {
    return this.#agenda.after(ms, this.#owner, then);
  }

  every(ms: number, then: () => void): Stop {
    let stopped = false;
    const again = (): void => {
      if (stopped) return;
      this.#agenda.after(ms, this.#owner, again);
      then();
    };
    this.#agenda.after(ms, this.#owner, again);
    return () => void (stopped = true);
  }

  turn(then: () => void): void {
    this.#agenda.turn(this.#owner, then);
  }
}
