/** A hold from an earlier life of a gate: its request runs elsewhere and may still end it. */
import type { Calendar } from "../admission/month.ts";
import { SCOPES, type Orphan } from "../ports.ts";
import type { Accounts } from "./accounts.ts";
import { Hold } from "./hold.ts";

export interface Standing {
  readonly accounts: Accounts;
  readonly calendar: Calendar;
  /** Of the gate's own clock. */
  readonly nowMs: number;
  /** Unix milliseconds. */
  readonly wallMs: number;
}

/** Counted again on every level; from now on it has as long to show life as any other. */
export function restored({ hold: record, mark }: Orphan, { accounts, calendar, nowMs, wallMs }: Standing): Hold {
  const hold = new Hold(record, calendar.monthOf(record.atMs), nowMs - Math.max(0, wallMs - record.atMs));
  hold.seenMs = nowMs;
  if (mark !== undefined) {
    hold.usedUsage = mark.usage;
    hold.usedAmount = Math.min(mark.amount, record.amount);
  }
  hold.stakes = SCOPES.map((scope) => accounts.of(scope, record[scope]).rejoin(hold));
  return hold;
}
