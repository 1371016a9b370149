/** Throttles at the door: per address, for those who come without a valid key. In memory; approximate is enough here, money is the gate's. */
import { RateLimiterMemory } from "rate-limiter-flexible";
import { BOUNDS } from "../../bounds.ts";
import type { Door } from "../../routes/service.ts";

export class MemoryDoor implements Door {
  readonly #failed = new RateLimiterMemory({ points: BOUNDS.failedKeysPerMinuteMax, duration: 60 });

  async failed(address: string): Promise<boolean> {
    try {
      await this.#failed.consume(address);
      return true;
    } catch {
      return false;
    }
  }
}
