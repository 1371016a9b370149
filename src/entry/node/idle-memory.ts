/**
 * Gives memory back after a great many requests at once: V8 keeps what a heap has grown to until something new is allocated, and an idle
 * gateway allocates nothing.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BOUNDS } from "../../bounds.ts";
import type { Clock, Stop } from "../../ports.ts";

/** Collects everything and lets the pages go; takes some tenths of a second, in which nothing else happens. */
export type Collect = () => void;

export class IdleMemory {
  readonly #running: () => number;
  readonly #collect: Collect;
  #peak = 0;
  #quietRounds = 0;

  /** @param running requests that run now */
  constructor(running: () => number, collect: Collect = collectAll) {
    this.#running = running;
    this.#collect = collect;
  }

  start(clock: Pick<Clock, "every">): Stop {
    return clock.every(BOUNDS.idleMemoryLookMs, () => this.#look());
  }

  /** Only when nobody has been there for two looks in a row, and only once for each crowd. */
  #look(): void {
    const running = this.#running();
    this.#peak = Math.max(this.#peak, running);
    this.#quietRounds = running === 0 ? this.#quietRounds + 1 : 0;
    if (this.#quietRounds < 2 || this.#peak < BOUNDS.idleMemoryRequestsMin) return;
    this.#peak = 0;
    this.#collect();
  }
}

/** The collector can be called by name only after V8 has been told to show it. */
function collectAll(): void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  if (typeof gc === "function") Reflect.apply(gc, undefined, [{ type: "major", execution: "sync", flavor: "last-resort" }]);
}
