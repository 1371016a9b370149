/** Turns the journal into rows: hold and end become one settlement, exactly once, because the cursor moves in the same transaction. */
import { closeSync, openSync, unlinkSync } from "node:fs";
import type { Database, Statement } from "better-sqlite3";
import { BOUNDS } from "../bounds.ts";
import { requestId, type RequestId } from "../domain/ids.ts";
import type { EndRecord, HoldRecord, JournalRecord, MarkRecord, Orphan, Spent } from "../ports.ts";
import { journalFolder } from "./database.ts";
import type { FoldSettings } from "./fold-messages.ts";
import { FoldTotals } from "./fold-totals.ts";
import { readBatches } from "./journal-batch.ts";
import { decodeRecord, decodeRecords, encodeRecord } from "./journal-record.ts";
import { isBefore, listSegments, segmentBytes, segmentPath } from "./journal-segments.ts";
import type { Position } from "./journal-segments.ts";
import { laneFolder } from "./lanes.ts";

/** A hold without its end so far. `spilled`: it has a row in open_hold, since its segment is gone. */
interface OpenHold {
  readonly hold: HoldRecord;
  mark: MarkRecord | undefined;
  spilled: boolean;
}

export interface FoldReport {
  /** Everything before this is in the tables. */
  readonly position: Position;
  /** Rows added by this call. */
  readonly settled: number;
  /** Ends in this call that belonged to no open hold: second ends, or ends of holds that were refused. */
  readonly strayEnds: number;
  /** Lowest segment that still exists. */
  readonly oldest: number;
  /** Money that was settled since the last report, for lanes alone: who shares limits must know whose it was. */
  readonly charged: readonly Spent[];
}

/** One per data folder at a time. Synchronous: once requests run, in a thread of its own. */
export class JournalFold {
  readonly #database: Database;
  readonly #lane: number;
  readonly #dir: string;
  readonly #totals: FoldTotals;
  readonly #insert: Statement;
  readonly #unspill: Statement;
  readonly #spill: Statement;
  readonly #moveCursor: Statement;
  #open: Map<RequestId, OpenHold> | undefined;
  #cursor: Position = { segment: 1, offset: 0 };
  #settled = 0;
  #strayEnds = 0;
  /** Committed, and not reported yet. */
  #charged: Spent[] = [];

  /** insertSettlement: one positional parameter for each column of the settlement table, in its order. */
  constructor(database: Database, { dir, insertSettlement, lane = 0 }: FoldSettings) {
    this.#database = database;
    this.#lane = lane;
    this.#dir = journalFolder(laneFolder(dir, lane));
    this.#totals = new FoldTotals(database);
    // A request id that comes twice must neither be charged twice nor stop the fold; any other conflict is a broken ledger and does.
    this.#insert = database.prepare(`${insertSettlement} on conflict (request) do nothing`);
    this.#unspill = database.prepare("delete from open_hold where request = ?");
    this.#spill = database.prepare(
      "insert into open_hold (request, hold, mark) values (?, ?, ?) on conflict (request) do update set mark = excluded.mark",
    );
    this.#moveCursor = database.prepare(
      'insert into cursor (id, segment, "offset") values (?, ?, ?) on conflict (id) do update set segment = excluded.segment, "offset" = excluded."offset"',
    );
  }

  /** Folds everything before `until`, which must be written whole. @throws Error when a batch before it is damaged, or SQLite fails */
  run(until: Position): FoldReport {
    this.#settled = 0;
    this.#strayEnds = 0;
    try {
      const open = this.#loaded();
      while (isBefore(this.#cursor, until)) this.#step(open, until);
    } catch (failure) {
      // What memory holds may be ahead of what was committed: read it again next time.
      this.#open = undefined;
      throw failure;
    }
    const charged = this.#charged;
    this.#charged = [];
    return { position: this.#cursor, settled: this.#settled, strayEnds: this.#strayEnds, oldest: this.#cursor.segment, charged };
  }

  /** Folds everything before `until`; holds without an end there. */
  orphansAt(until: Position): Orphan[] {
    const { charged } = this.run(until);
    this.#charged.push(...charged);
    return this.orphans();
  }

  /** Holds without an end among all that was folded, oldest first, with their last marks. */
  orphans(): Orphan[] {
    return [...this.#loaded().values()].map(({ hold, mark }) => ({ hold, mark })).sort((a, b) => a.hold.atMs - b.hold.atMs);
  }

  #step(open: Map<RequestId, OpenHold>, until: Position): void {
    const { segment, offset } = this.#cursor;
    const end = segment === until.segment ? until.offset : segmentBytes(this.#dir, segment);
    if (offset < end) this.#foldSome(open, end);
    else this.#turnSegment(open);
  }

  #foldSome(open: Map<RequestId, OpenHold>, until: number): void {
    const { segment, offset } = this.#cursor;
    let charged: readonly Spent[] = [];
    const fold = (): number => {
      let end = offset;
      let rows = 0;
      for (const batch of this.#batches(offset, until)) {
        for (const record of batch.records) this.#apply(open, record);
        rows += batch.records.length;
        end = batch.end;
        if (rows >= BOUNDS.foldRowsMax) break;
      }
      if (end === offset) throw new Error(`journal segment ${segment} is damaged at byte ${offset}`);
      if (this.#lane > 0) charged = this.#totals.gathered();
      this.#totals.write();
      this.#moveCursor.run(this.#lane + 1, segment, end);
      return end;
    };
    this.#cursor = { segment, offset: this.#database.transaction(fold).immediate() };
    this.#charged.push(...charged);
    if (open.size > BOUNDS.holdsOpenMax * 2) throw new Error(`the journal has ${open.size} open holds, more than the gate can have opened`);
  }

  #apply(open: Map<RequestId, OpenHold>, record: JournalRecord): void {
    const entry = open.get(record.request);
    if (record.kind === "hold") {
      if (entry === undefined) open.set(record.request, { hold: record, mark: undefined, spilled: false });
    } else if (entry === undefined) {
      if (record.kind === "end") this.#strayEnds += 1;
    } else if (record.kind === "mark") {
      entry.mark = record;
    } else {
      open.delete(record.request);
      if (entry.spilled) this.#unspill.run(spillKey(this.#lane, record.request));
      this.#settle(entry.hold, record);
    }
  }

  #settle(hold: HoldRecord, end: EndRecord): void {
    const { usage } = end;
    const sequence = this.#totals.nextSequence(hold.tenant);
    // The order of the columns in tables.ts.
    const { changes } = this.#insert.run(
      hold.tenant, sequence, hold.request, hold.msp, hold.project, hold.key, hold.model, hold.alias, hold.capability,
      usage.promptTokens, usage.cachedTokens, usage.completionTokens, usage.source,
      hold.amount, hold.tokens, end.amount, hold.currency, hold.priceVersion,
      end.outcome, end.status, end.backend ?? null, end.attempts, end.firstByteMs ?? null, end.durationMs, hold.atMs, end.atMs,
    ); // prettier-ignore
    if (changes === 0) {
      this.#strayEnds += 1;
      return;
    }
    this.#totals.settled(hold, end.amount, sequence);
    this.#settled += 1;
  }

  /** The segment is folded whole: what is still open in it gets a row, and the file can go. */
  #turnSegment(open: Map<RequestId, OpenHold>): void {
    const done = this.#cursor.segment;
    const spill = (): void => {
      for (const entry of open.values()) {
        this.#spill.run(
          spillKey(this.#lane, entry.hold.request),
          encodeRecord(entry.hold),
          entry.mark === undefined ? null : encodeRecord(entry.mark),
        );
        entry.spilled = true;
      }
      this.#moveCursor.run(this.#lane + 1, done + 1, 0);
    };
    this.#database.transaction(spill).immediate();
    this.#cursor = { segment: done + 1, offset: 0 };
    this.#deleteBefore(done + 1);
  }

  #deleteBefore(segment: number): void {
    for (const old of listSegments(this.#dir)) if (old < segment) unlinkSync(segmentPath(this.#dir, old));
  }

  #loaded(): Map<RequestId, OpenHold> {
    this.#open ??= this.#load();
    return this.#open;
  }

  /** Open holds are not in the tables (most end within a fold or two): the part of the segment that was folded is read again. */
  #load(): Map<RequestId, OpenHold> {
    this.#totals.reset();
    this.#cursor = readCursor(this.#database, this.#lane);
    this.#deleteBefore(this.#cursor.segment);
    const open = readSpilled(this.#database, this.#lane);
    const until = Math.min(this.#cursor.offset, segmentBytes(this.#dir, this.#cursor.segment));
    if (until > 0) for (const batch of this.#batches(0, until)) for (const record of batch.records) reapply(open, record);
    return open;
  }

  *#batches(from: number, until: number): Generator<{ readonly end: number; readonly records: readonly JournalRecord[] }, void, void> {
    const fd = openSync(segmentPath(this.#dir, this.#cursor.segment), "r");
    try {
      for (const batch of readBatches(fd, from, until)) yield { end: batch.end, records: decodeRecords(batch.text) };
    } finally {
      closeSync(fd);
    }
  }
}

function reapply(open: Map<RequestId, OpenHold>, record: JournalRecord): void {
  if (record.kind === "end") open.delete(record.request);
  else if (record.kind === "mark") {
    const entry = open.get(record.request);
    if (entry !== undefined) entry.mark = record;
  } else if (!open.has(record.request)) open.set(record.request, { hold: record, mark: undefined, spilled: false });
}

/** Where the next fold begins. */
export function readCursor(database: Database, lane = 0): Position {
  const row: unknown = database
    .prepare('select segment, "offset" from cursor where id = ?')
    .raw()
    .get(lane + 1);
  return Array.isArray(row) ? { segment: Number(row[0]), offset: Number(row[1]) } : { segment: 1, offset: 0 };
}

/** Open holds of other lanes have their number in front. */
function spillKey(lane: number, request: RequestId): string {
  return lane === 0 ? request : `${lane}/${request}`;
}

function readSpilled(database: Database, lane: number): Map<RequestId, OpenHold> {
  const open = new Map<RequestId, OpenHold>();
  const own = database.prepare(`select hold, mark from open_hold where request ${lane === 0 ? "not glob '*/*'" : "glob ?"}`).raw();
  for (const row of lane === 0 ? own.iterate() : own.iterate(spillKey(lane, requestId("*")))) {
    if (!Array.isArray(row)) continue;
    const hold = decodeRecord(JSON.parse(String(row[0])));
    const mark = row[1] === null ? undefined : decodeRecord(JSON.parse(String(row[1])));
    if (hold.kind !== "hold" || (mark !== undefined && mark.kind !== "mark")) throw new Error("open_hold holds another kind of record");
    open.set(hold.request, { hold, mark, spilled: true });
  }
  return open;
}
