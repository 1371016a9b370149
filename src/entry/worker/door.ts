/** Throttles at the door, each isolate for itself: approximate on purpose, never about money. */
import { LRUCache } from "lru-cache";
import { BOUNDS } from "../../bounds.ts";
import type { KeyId } from "../../domain/ids.ts";
import type { Clock, Door } from "../../ports.ts";

interface Count {
  /** Monotonic: end of the minute that is counted. */
  readonly untilMs: number;
  requests: number;
}

export class IsolateDoor implements Door {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #counts = new LRUCache<string, Count>({ max: BOUNDS.isolateAddressesMax });

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  failed(address: string): Promise<boolean> {
    return Promise.resolve(this.#count(`failed ${address}`, BOUNDS.failedKeysPerMinuteMax));
  }

  keyless(address: string): Promise<boolean> {
    return Promise.resolve(this.#count(`keyless ${address}`, BOUNDS.unauthenticatedPerMinuteMax));
  }

  reading(key: KeyId): Promise<boolean> {
    return Promise.resolve(this.#count(`reading ${key}`, BOUNDS.readsPerMinuteMax));
  }

  #count(name: string, perMinuteMax: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    let count = this.#counts.get(name);
    if (count === undefined || count.untilMs <= nowMs) this.#counts.set(name, (count = { untilMs: nowMs + BOUNDS.windowMs, requests: 0 }));
    count.requests += 1;
    return count.requests <= perMinuteMax;
  }
}
