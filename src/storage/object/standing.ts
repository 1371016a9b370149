/** What a gate finds in its object when it wakes: open holds, this month's money, the last minute's grants. */
import { tokensKept } from "../../domain/usage.ts";
import { SCOPES, type Granted, type HoldRecord, type MarkRecord, type EndRecord, type Orphan, type Spent } from "../../ports.ts";
import { decodeRecord } from "../journal-record.ts";
import { monthAt } from "../month.ts";
import type { ObjectSql } from "./sql.ts";

export interface Standing {
  readonly orphans: readonly Orphan[];
  /** Of this month and the one before, what is not handed over yet included. */
  readonly spent: readonly Spent[];
  /** One entry for each level of each hold. */
  readonly granted: readonly Granted[];
}

/** @param fromMs beginning of the last minute, Unix time */
export function readStanding(sql: ObjectSql, { fromMs, nowMs }: { readonly fromMs: number; readonly nowMs: number }): Standing {
  const orphans = readOrphans(sql);
  const recent = endedSince(sql, fromMs).map(({ hold, end }) => ({ hold, tokens: tokensKept(hold.tokens, end.outcome, end.usage) }));
  // An open hold counts at what it reserved, as long as its request may still end it.
  const open = orphans.filter(({ hold }) => hold.atMs > fromMs).map(({ hold }) => ({ hold, tokens: hold.tokens }));
  return { orphans, spent: readSpent(sql, nowMs), granted: [...recent, ...open].flatMap(({ hold, tokens }) => grantsOf(hold, tokens)) };
}

export interface Ended {
  readonly position: number;
  readonly hold: HoldRecord;
  readonly end: EndRecord;
}

/** The oldest that have not been handed over. */
export function unsent(sql: ObjectSql, rowsMax: number): readonly Ended[] {
  return sql
    .exec('select position, hold, "end" from ended where position > ? order by position limit ?', sentUntil(sql), rowsMax)
    .toArray()
    .map(endedOf);
}

/** Everything up to this position has been handed over. */
export function sentUntil(sql: ObjectSql): number {
  return Number(sql.exec("select position from cursor where id = 1").toArray()[0]?.["position"] ?? 0);
}

function endedSince(sql: ObjectSql, fromMs: number): readonly Ended[] {
  return sql.exec('select position, hold, "end" from ended where opened_at_ms > ? order by position', fromMs).toArray().map(endedOf);
}

function endedOf(row: Readonly<Record<string, unknown>>): Ended {
  const [hold, end] = [recordIn(row["hold"]), recordIn(row["end"])];
  if (hold.kind !== "hold" || end.kind !== "end") throw new Error("ended holds another kind of record");
  return { position: Number(row["position"]), hold, end };
}

function readOrphans(sql: ObjectSql): readonly Orphan[] {
  return sql
    .exec("select hold, mark from hold order by request")
    .toArray()
    .map((row) => {
      const hold = recordIn(row["hold"]);
      if (hold.kind !== "hold") throw new Error("hold holds another kind of record");
      return { hold, mark: row["mark"] === null ? undefined : markIn(row["mark"]) };
    });
}

function markIn(text: unknown): MarkRecord {
  const mark = recordIn(text);
  if (mark.kind !== "mark") throw new Error("hold marks another kind of record");
  return mark;
}

function recordIn(text: unknown): ReturnType<typeof decodeRecord> {
  return decodeRecord(JSON.parse(String(text)));
}

/** A hold opened before midnight belongs to the old month. */
function readSpent(sql: ObjectSql, nowMs: number): readonly Spent[] {
  const previous = monthAt(monthAt(nowMs).fromMs - 1).name;
  const known = sql.exec("select scope, id, month, amount from spent where month >= ?", previous).toArray().map(spentOf);
  const waiting = unsent(sql, Number.MAX_SAFE_INTEGER).flatMap(({ hold, end }) => spentBy(hold, end.amount));
  return [...known, ...waiting];
}

function spentOf(row: Readonly<Record<string, unknown>>): Spent {
  const scope = SCOPES.find((each) => each === row["scope"]);
  if (scope === undefined) throw new Error("spent holds an unknown scope");
  return { scope, id: String(row["id"]), month: String(row["month"]), amount: Number(row["amount"]) };
}

/** What one ended request charged to each level. */
export function spentBy(hold: HoldRecord, amount: number): readonly Spent[] {
  const month = monthAt(hold.atMs).name;
  return amount === 0 ? [] : SCOPES.map((scope) => ({ scope, id: hold[scope], month, amount }));
}

function grantsOf(hold: HoldRecord, tokens: number): readonly Granted[] {
  return SCOPES.map((scope) => ({ scope, id: hold[scope], atMs: hold.atMs, requests: 1, tokens }));
}

/** No claim asks for a month before the last one. */
export function forgetOldMonths(sql: ObjectSql, nowMs: number): void {
  sql.exec("delete from spent where month < ?", monthAt(monthAt(nowMs).fromMs - 1).name);
}
