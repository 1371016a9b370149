/** The KV cache of a simulated engine: fixed blocks of tokens, full prompt blocks shared by everyone with the same prefix. */
import { hashNumbers } from "./seeded.ts";

/** What one sequence holds. Given back with release(). */
export interface BlockLease {
  /** Keys of its full prompt blocks, in order. */
  readonly shared: readonly number[];
  /** Blocks that it holds alone. */
  own: number;
  /** Prompt tokens that were in the cache already. */
  readonly hitTokens: number;
}

export class BlockPool {
  readonly #total: number;
  readonly #blockTokens: number;
  /** References by block key; 0 is a block that is free but still warm. Oldest first: the first to be evicted. */
  readonly #references = new Map<number, number>();
  #inUse = 0;
  #warm = 0;

  constructor(options: { readonly blocks: number; readonly blockTokens: number }) {
    this.#total = options.blocks;
    this.#blockTokens = options.blockTokens;
  }

  /** 0 to 1; warm blocks that nobody holds are free. */
  get use(): number {
    return this.#total === 0 ? 0 : this.#inUse / this.#total;
  }

  /** Blocks for a prompt, under one salt; undefined when there are not enough. */
  lease(prompt: readonly number[], salt: number): BlockLease | undefined {
    const shared = this.#keys(prompt, salt);
    const hits = this.#hits(shared, prompt.length);
    const own = Math.ceil(prompt.length / this.#blockTokens) - shared.length;
    const revived = shared.filter((key) => (this.#references.get(key) ?? 0) === 0).length;
    if (this.#inUse + revived + own > this.#total) return undefined;
    for (const key of shared) this.#hold(key);
    this.#inUse += own;
    this.#evict();
    return { shared, own, hitTokens: hits * this.#blockTokens };
  }

  /** Room for the token at `position` of the sequence. False: the cache is full. */
  grow(lease: BlockLease, position: number): boolean {
    while (position >= (lease.shared.length + lease.own) * this.#blockTokens) {
      if (this.#inUse >= this.#total) return false;
      lease.own += 1;
      this.#inUse += 1;
      this.#evict();
    }
    return true;
  }

  release(lease: BlockLease): void {
    this.#inUse -= lease.own;
    for (const key of lease.shared) {
      const left = (this.#references.get(key) ?? 1) - 1;
      // Deleted and set again: what was used last is evicted last.
      this.#references.delete(key);
      this.#references.set(key, left);
      if (left > 0) continue;
      this.#inUse -= 1;
      this.#warm += 1;
    }
  }

  /** Each key covers all tokens up to the end of its block, so equal keys mean equal prefixes. */
  #keys(prompt: readonly number[], salt: number): number[] {
    const keys: number[] = [];
    let key = salt;
    for (let end = this.#blockTokens; end <= prompt.length; end += this.#blockTokens) {
      key = hashNumbers(prompt.slice(end - this.#blockTokens, end), key);
      keys.push(key);
    }
    return keys;
  }

  /** Leading blocks that are warm. The last token of a prompt is always computed: it yields the first answer token. */
  #hits(keys: readonly number[], promptTokens: number): number {
    const most = Math.floor(Math.max(0, promptTokens - 1) / this.#blockTokens);
    let hits = 0;
    for (const key of keys.slice(0, most)) {
      if (!this.#references.has(key)) break;
      hits += 1;
    }
    return hits;
  }

  #hold(key: number): void {
    const references = this.#references.get(key);
    this.#references.delete(key);
    this.#references.set(key, (references ?? 0) + 1);
    if (references === 0) this.#warm -= 1;
    if ((references ?? 0) === 0) this.#inUse += 1;
  }

  /** Warm blocks live in what is free; the oldest go first. */
  #evict(): void {
    if (this.#warm <= this.#total - this.#inUse) return;
    for (const [key, references] of this.#references) {
      if (references > 0) continue;
      this.#references.delete(key);
      this.#warm -= 1;
      if (this.#warm <= this.#total - this.#inUse) return;
    }
  }
}
