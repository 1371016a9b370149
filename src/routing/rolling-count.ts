/** How often something happened lately: a ring of slots with a running sum, so that asking and counting cost the same at any rate. */

export class RollingCount {
  readonly #slots: number[];
  readonly #slotMs: number;
  #sum = 0;
  /** Number of the newest slot since the clock's zero. */
  #newest = 0;

  /** The window slides by a slot at a time: it covers windowMs, less at most one slot. */
  constructor(windowMs: number, slots: number) {
    this.#slots = new Array<number>(slots).fill(0);
    this.#slotMs = windowMs / slots;
  }

  add(nowMs: number): void {
    this.#slide(nowMs);
    const at = this.#newest % this.#slots.length;
    this.#slots[at] = (this.#slots[at] ?? 0) + 1;
    this.#sum += 1;
  }

  sum(nowMs: number): number {
    this.#slide(nowMs);
    return this.#sum;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#sum = 0;
  }

  #slide(nowMs: number): void {
    const current = Math.floor(nowMs / this.#slotMs);
    if (current <= this.#newest) return;
    const count = this.#slots.length;
    if (current - this.#newest >= count) this.clear();
    else
      for (let slot = this.#newest + 1; slot <= current; slot++) {
        this.#sum -= this.#slots[slot % count] ?? 0;
        this.#slots[slot % count] = 0;
      }
    this.#newest = current;
  }
}
