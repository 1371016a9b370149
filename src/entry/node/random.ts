/** Randomness from the operating system. */
import { randomFillSync } from "node:crypto";
import { PagedRandom } from "../paged-random.ts";

export class NodeRandom extends PagedRandom {
  constructor() {
    super((page) => randomFillSync(page));
  }
}
