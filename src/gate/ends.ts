/**
 * Sees to it that every settlement reaches the journal: the money is spent whether or not the disk agrees. What the journal has taken
 * it keeps, and is asked again to write; what it did not take is offered again.
 */
import { BOUNDS } from "../bounds.ts";
import type { Clock, EndRecord, Journal } from "../ports.ts";

export class Ends {
  readonly #journal: Journal;
  readonly #clock: Clock;
  /** Not taken. As many as there were open holds at most: none is opened while the journal fails. */
  #refused: EndRecord[] = [];
  #asking = false;
  #waiting = false;

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  write(end: EndRecord): void {
    try {
      this.#journal.append(end);
    } catch {
      this.#refused.push(end);
      this.#retryLater();
      return;
    }
    this.#askLater();
  }

  /** Settlements that the journal has not taken yet. */
  get refused(): number {
    return this.#refused.length;
  }

  /** Once for all that a turn settles. */
  #askLater(): void {
    if (this.#asking) return;
    this.#asking = true;
    this.#clock.turn(this.#ask);
  }

  readonly #ask = (): void => {
    this.#asking = false;
    this.#journal.durable().catch(this.#retryLater);
  };

  readonly #retryLater = (): void => {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#clock.after(BOUNDS.checkpointMs, this.#retry);
  };

  readonly #retry = (): void => {
    this.#waiting = false;
    const ends = this.#refused;
    this.#refused = [];
    for (const end of ends) this.write(end);
    this.#askLater();
  };
}
