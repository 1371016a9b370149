/** All chance of a simulation: streams of numbers that depend on the seed and their own name alone, so that one part's draws never move another's. */
import { requestId, type RequestId } from "../../src/domain/ids.ts";
import type { Random } from "../../src/ports.ts";
import { hashText, SeededRandom } from "../../src/simulator/seeded.ts";

export class Chance implements Random {
  readonly #seed: number;
  readonly #numbers: SeededRandom;

  constructor(seed: number, name: string) {
    this.#seed = hashText(name, seed);
    this.#numbers = new SeededRandom(this.#seed);
  }

  fork(name: string): Chance {
    return new Chance(this.#seed, name);
  }

  unit(): number {
    return this.#numbers.unit();
  }

  /** True with this probability. */
  hits(probability: number): boolean {
    return this.unit() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.#numbers.below(most - least + 1);
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.#numbers.below(list.length)];
    if (found === undefined) throw new RangeError("nothing to pick from");
    return found;
  }

  /** Some of a list, at least one, in its order. */
  some<T>(list: readonly T[], share = 0.5): readonly T[] {
    const sure = this.pick(list);
    return list.filter((each) => each === sure || this.hits(share));
  }

  /** A key of a table, each as likely as its number says. */
  weighted<K extends string>(table: Readonly<Record<K, number>>): K {
    const entries: [string, number][] = Object.entries(table);
    let left = this.unit() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const name in table) {
      left -= table[name];
      if (left < 0) return name;
    }
    throw new RangeError("a table without weights");
  }

  requestId(nowMs: number): RequestId {
    return requestId(nowMs.toString(16).padStart(12, "0") + this.#numbers.hex(20));
  }

  id(prefix: string): string {
    return `${prefix}_${this.#numbers.hex(32)}`;
  }

  secret(): string {
    return this.#numbers.hex(43);
  }
}
