/** Writes what running streams have used so far: one timer for all of them, one record a period for each whose numbers moved. */
import { BOUNDS } from "../bounds.ts";
import type { Clock, Journal } from "../ports.ts";
import { markRecord, type Hold } from "./hold.ts";

export class Marks {
  readonly #journal: Journal;
  readonly #clock: Clock;
  #due: Hold[] = [];

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Its numbers have moved. No timer runs while nothing is due. */
  note(hold: Hold): void {
    if (hold.unmarked) return;
    hold.unmarked = true;
    this.#due.push(hold);
    if (this.#due.length === 1) this.#clock.after(BOUNDS.checkpointMs, () => this.#write());
  }

  #write(): void {
    const due = this.#due;
    this.#due = [];
    for (const hold of due) {
      // A hold that has ended meanwhile says so by itself.
      if (!hold.unmarked) continue;
      hold.unmarked = false;
      try {
        this.#journal.append(markRecord(hold));
      } catch {
        // The journal cannot write now: the numbers stay due.
        this.note(hold);
      }
    }
  }
}
