/** Budgets are per calendar month, UTC: a month is one whole number, so that comparing and counting months is arithmetic. */

/** Months since year 0: 2026-11 is 2026 * 12 + 10. */
export type Month = number;

const MONTH_TEXT = /^(\d{4})-(0[1-9]|1[0-2])$/;

/** @throws RangeError when the text is not "YYYY-MM" */
export function monthOfText(text: string): Month {
  const parts = MONTH_TEXT.exec(text);
  if (parts === null) throw new RangeError(`not a month: ${text}`);
  return Number(parts[1]) * 12 + Number(parts[2]) - 1;
}

/** "2026-11" */
export function textOfMonth(month: Month): string {
  return `${String(Math.floor(month / 12)).padStart(4, "0")}-${String((month % 12) + 1).padStart(2, "0")}`;
}

/** Tells the month of an instant, remembering the last one: nearly every question is about the month that runs. */
export class Calendar {
  #month: Month = 0;
  #startMs = 0;
  #endMs = 0;

  /** @param atMs Unix milliseconds */
  monthOf(atMs: number): Month {
    if (atMs < this.#startMs || atMs >= this.#endMs) this.#turnTo(atMs);
    return this.#month;
  }

  #turnTo(atMs: number): void {
    const date = new Date(atMs);
    const year = date.getUTCFullYear();
    const month = date.getUTCMonth();
    if (Number.isNaN(year)) throw new RangeError(`not an instant: ${atMs}`);
    this.#month = year * 12 + month;
    this.#startMs = Date.UTC(year, month, 1);
    this.#endMs = Date.UTC(year, month + 1, 1);
  }
}
