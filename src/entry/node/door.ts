/** Throttles at the door: per address, for those who come without a valid key. In memory; approximate is enough here, money is the gate's. */
import { LRUCache } from "lru-cache";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { BOUNDS } from "../../bounds.ts";
import type { Door } from "../../routes/facilities.ts";

const MINUTE_S = 60;

export class MemoryDoor implements Door {
  readonly #failed: PerAddress;
  readonly #keyless: PerAddress;

  /** @param addressesMax remembered for each of the two counts */
  constructor(addressesMax: number = BOUNDS.doorAddressesMax) {
    this.#failed = new PerAddress(BOUNDS.failedKeysPerMinuteMax, addressesMax);
    this.#keyless = new PerAddress(BOUNDS.unauthenticatedPerMinuteMax, addressesMax);
  }

  failed(address: string): Promise<boolean> {
    return this.#failed.count(address);
  }

  keyless(address: string): Promise<boolean> {
    return this.#keyless.count(address);
  }

  /** Addresses that memory is spent on. */
  get addressesKept(): number {
    return this.#failed.size + this.#keyless.size;
  }
}

/** The limiter forgets an address after its minute and has no maximum: whoever was quiet longest leaves it with the cache. */
class PerAddress {
  readonly #limiter: RateLimiterMemory;
  readonly #kept: LRUCache<string, true>;

  constructor(perMinuteMax: number, addressesMax: number) {
    this.#limiter = new RateLimiterMemory({ points: perMinuteMax, duration: MINUTE_S });
    this.#kept = new LRUCache({ max: addressesMax, dispose: (_, address, why) => why === "evict" && void this.#limiter.delete(address) });
  }

  /** False: more than perMinuteMax in a minute. */
  async count(address: string): Promise<boolean> {
    this.#kept.set(address, true);
    try {
      await this.#limiter.consume(address);
      return true;
    } catch {
      return false;
    }
  }

  get size(): number {
    return this.#limiter.dump().storage.length;
  }
}
