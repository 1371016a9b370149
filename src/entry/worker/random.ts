/** Randomness from the platform: none is to be had while the Worker loads, only when it is asked for. */
import { PagedRandom } from "../paged-random.ts";

export class WorkerRandom extends PagedRandom {
  constructor() {
    super((page) => crypto.getRandomValues(page));
  }
}
