/** Calendar months in UTC: what budgets are counted by. */

export interface Month {
  /** "2026-11" */
  readonly name: string;
  /** First millisecond, Unix time. */
  readonly fromMs: number;
  /** First millisecond of the next month, Unix time. */
  readonly untilMs: number;
}

/** The month of a time in Unix milliseconds. */
export function monthAt(atMs: number): Month {
  const at = new Date(atMs);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  return { name: at.toISOString().slice(0, 7), fromMs: Date.UTC(year, month), untilMs: Date.UTC(year, month + 1) };
}
