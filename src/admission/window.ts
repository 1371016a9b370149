/**
 * A rate limit that holds in every 60 seconds, not only in those that start on the minute, and that takes nothing from whom it refuses.
 *
 * Sixty whole slots and the running one: with sixty in all, what was granted late in the oldest slot would be forgotten up to one
 * slot before its minute is over.
 */
import { BOUNDS } from "../bounds.ts";

const SLOT_MS = BOUNDS.windowSlotMs;
const SLOTS = BOUNDS.windowMs / SLOT_MS + 1;

/** Moment at which slot `slot` no longer counts. */
function endOfMs(slot: number): number {
  return (slot + SLOTS) * SLOT_MS;
}

/**
 * What one scope has been granted in the last minute, in requests or in tokens (whole numbers). All times are monotonic milliseconds,
 * and no method takes one that is earlier than a previous call's.
 */
export class Window {
  readonly #cells = new Float64Array(SLOTS);
  /** Newest slot that was looked at. */
  #head = 0;
  #used = 0;

  /** Whether `amount` more stays within `limit`. A limit of 0 fits nothing. Changes nothing. */
  fits(nowMs: number, amount: number, limit: number): boolean {
    this.#advance(nowMs);
    return limit > 0 && this.#used + amount <= limit;
  }

  /** Counts what was granted, whether or not it fits. */
  add(nowMs: number, amount: number): void {
    this.#advance(nowMs);
    this.#change(this.#head, amount);
  }

  /** Corrects what was counted at `countedAtMs`: below 0 gives back, above 0 is a debt. Nothing, once that slot has left the window. */
  correct(nowMs: number, countedAtMs: number, delta: number): void {
    this.#advance(nowMs);
    const slot = Math.floor(countedAtMs / SLOT_MS);
    if (slot > this.#head - SLOTS && slot <= this.#head) this.#change(slot, delta);
  }

  /** What counts now. */
  used(nowMs: number): number {
    this.#advance(nowMs);
    return this.#used;
  }

  /** Whole milliseconds until nothing counts any more. */
  resetMs(nowMs: number): number {
    this.#advance(nowMs);
    if (this.#used === 0) return 0;
    let slot = this.#head;
    while (this.#at(slot) === 0) slot -= 1;
    return Math.ceil(endOfMs(slot) - nowMs);
  }

  /** Whole milliseconds until `amount` fits if nothing else is granted; undefined: it never will. */
  retryAfterMs(nowMs: number, amount: number, limit: number): number | undefined {
    this.#advance(nowMs);
    if (limit <= 0 || amount > limit) return undefined;
    let excess = this.#used + amount - limit;
    if (excess <= 0) return 0;
    let slot = this.#head - SLOTS;
    while (excess > 0) {
      slot += 1;
      excess -= this.#at(slot);
    }
    return Math.ceil(endOfMs(slot) - nowMs);
  }

  #at(slot: number): number {
    // Slots before the clock's origin have never been written.
    return slot < 0 ? 0 : (this.#cells[slot % SLOTS] ?? 0);
  }

  #change(slot: number, delta: number): void {
    const index = slot % SLOTS;
    const before = this.#cells[index] ?? 0;
    const after = Math.max(0, before + delta);
    this.#cells[index] = after;
    this.#used += after - before;
  }

  /** Forgets the slots that have left since the last look. */
  #advance(nowMs: number): void {
    const slot = Math.floor(nowMs / SLOT_MS);
    if (slot <= this.#head) return;
    if (slot - this.#head >= SLOTS) {
      this.#cells.fill(0);
      this.#used = 0;
    } else {
      for (let gone = this.#head + 1; gone <= slot; gone += 1) {
        const index = gone % SLOTS;
        this.#used -= this.#cells[index] ?? 0;
        this.#cells[index] = 0;
      }
    }
    this.#head = slot;
  }
}
