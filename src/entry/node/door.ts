/**
 * Throttles at the door: per address for those who come without a valid key, per key for those who only read. In memory, and each process
 * counts for itself; approximate is enough here, money is the gate's.
 */
import { LRUCache } from "lru-cache";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { BOUNDS } from "../../bounds.ts";
import type { KeyId } from "../../domain/ids.ts";
import type { Door } from "../../ports.ts";

const MINUTE_S = 60;

export class MemoryDoor implements Door {
  readonly #failed: PerName;
  readonly #keyless: PerName;
  readonly #reading: PerName;

  /** @param addressesMax remembered for each of the counts; keys as many */
  constructor(addressesMax: number = BOUNDS.doorAddressesMax) {
    this.#failed = new PerName(BOUNDS.failedKeysPerMinuteMax, addressesMax);
    this.#keyless = new PerName(BOUNDS.unauthenticatedPerMinuteMax, addressesMax);
    this.#reading = new PerName(BOUNDS.readsPerMinuteMax, addressesMax);
  }

  failed(address: string): Promise<boolean> {
    return this.#failed.count(address);
  }

  keyless(address: string): Promise<boolean> {
    return this.#keyless.count(address);
  }

  reading(key: KeyId): Promise<boolean> {
    return this.#reading.count(key);
  }

  /** Addresses that memory is spent on. */
  get addressesKept(): number {
    return this.#failed.size + this.#keyless.size;
  }
}

/** The limiter forgets a name after its minute and has no maximum: whoever was quiet longest leaves it with the cache. */
class PerName {
  readonly #limiter: RateLimiterMemory;
  readonly #kept: LRUCache<string, true>;

  constructor(perMinuteMax: number, namesMax: number) {
    this.#limiter = new RateLimiterMemory({ points: perMinuteMax, duration: MINUTE_S });
    this.#kept = new LRUCache({ max: namesMax, dispose: (_, name, why) => why === "evict" && void this.#limiter.delete(name) });
  }

  /** False: more than perMinuteMax in a minute. */
  async count(name: string): Promise<boolean> {
    this.#kept.set(name, true);
    try {
      await this.#limiter.consume(name);
      return true;
    } catch {
      return false;
    }
  }

  get size(): number {
    return this.#limiter.dump().storage.length;
  }
}
