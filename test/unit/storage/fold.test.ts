import { appendFileSync, truncateSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { keyId, tenantId } from "../../../src/domain/ids.ts";
import type { JournalRecord } from "../../../src/ports.ts";
import { journalFolder, openDatabase } from "../../../src/storage/database.ts";
import { JournalFold } from "../../../src/storage/fold.ts";
import { FileJournal } from "../../../src/storage/journal-file.ts";
import { listSegments, segmentPath } from "../../../src/storage/journal-segments.ts";
import { insertStatement, migrate } from "../../../src/storage/schema.ts";
import { settlement } from "../../../src/storage/tables.ts";
import { end, hold, mark, temporaryFolder, VirtualClock } from "./fixtures/world.ts";

class Bench {
  readonly dir = temporaryFolder();
  readonly database: Database = openDatabase(this.dir);
  readonly clock = new VirtualClock();
  readonly journal: FileJournal;
  fold: JournalFold;

  constructor(segmentBytesMax = 1_000_000) {
    migrate(this.database);
    onTestFinished(() => {
      this.database.close();
    });
    this.journal = new FileJournal({ dir: this.folder, clock: this.clock, fsync: false, segment: 1, segmentBytesMax });
    this.fold = new JournalFold(this.database, { dir: this.dir, insertSettlement: insertStatement(settlement) });
  }

  get folder(): string {
    return journalFolder(this.dir);
  }

  /** One batch. */
  write(...records: JournalRecord[]): void {
    for (const record of records) this.journal.append(record);
    this.clock.endTurn();
  }

  run() {
    return this.fold.run(this.journal.position);
  }

  /** What a new process finds. */
  restart(): void {
    this.fold = new JournalFold(this.database, { dir: this.dir, insertSettlement: insertStatement(settlement) });
  }

  rows(sql: string): unknown[] {
    return this.database.prepare(sql).raw().all();
  }

  get settled(): unknown {
    return this.rows("select tenant, sequence, request, amount from settlement order by tenant, sequence");
  }
}

describe("folding the journal", () => {
  it("joins hold and end into one row with every field in its place", () => {
    const bench = new Bench();
    bench.write(hold(1), mark(1), end(1));
    expect(bench.run()).toMatchObject({ settled: 1, strayEnds: 0 });
    expect(bench.database.prepare("select * from settlement").get()).toEqual({
      position: 1, tenant: "t1", sequence: 1, request: "r1", msp: "m1", project: "p1", key: "k1", model: "llama", alias: "small", capability: "chat",
      prompt_tokens: 10, cached_tokens: 4, completion_tokens: 20, usage_source: "backend",
      held: 50, tokens_held: 100, amount: 30, currency: "EUR", price_version: "v1",
      outcome: "served", status: 200, backend: "b1", attempts: 1, first_byte_ms: 12, duration_ms: 345,
      opened_at_ms: hold(1).atMs, at_ms: end(1).atMs,
    }); // prettier-ignore
  });

  it("numbers each tenant without gaps and adds up the month of the hold for all four scopes", () => {
    const bench = new Bench();
    const october = Date.UTC(2026, 9, 31, 23, 59);
    bench.write(hold(1, { atMs: october }), hold(2), hold(3, { tenant: tenantId("t2"), key: keyId("k2") }), end(2), end(1, { amount: 5 }));
    bench.run();
    bench.write(end(3, { amount: 0 }), hold(4), end(4));
    bench.run();
    expect(bench.settled).toEqual([
      ["t1", 1, "r2", 30],
      ["t1", 2, "r1", 5],
      ["t1", 3, "r4", 30],
      ["t2", 1, "r3", 0],
    ]);
    expect(bench.rows("select scope, id, month, amount from spent order by month, scope")).toEqual(
      [
        ["2026-10", 5],
        ["2026-11", 60],
      ].flatMap(([month, amount]) =>
        [
          ["key", "k1"],
          ["msp", "m1"],
          ["project", "p1"],
          ["tenant", "t1"],
        ].map((of) => [...of, month, amount]),
      ),
    );
  });

  it("does nothing when run twice, by the same process or the next", () => {
    const bench = new Bench();
    bench.write(hold(1), end(1), hold(2));
    bench.run();
    expect(bench.run()).toMatchObject({ settled: 0, strayEnds: 0 });
    bench.restart();
    expect(bench.run()).toMatchObject({ settled: 0, strayEnds: 0 });
    expect(bench.settled).toEqual([["t1", 1, "r1", 30]]);
    expect(bench.rows("select sum(amount) from spent where scope = 'key'")).toEqual([[30]]);
  });

  it("settles a request once, whatever the journal says again", () => {
    const bench = new Bench();
    bench.write(hold(1), hold(1, { amount: 999 }), end(1), end(1, { amount: 99 }), end(7));
    bench.write(hold(1), end(1), hold(2), end(2));
    expect(bench.run()).toMatchObject({ settled: 2, strayEnds: 3 });
    expect(bench.rows("select held from settlement where request = 'r1'")).toEqual([[50]]);
    expect(bench.settled).toEqual([
      ["t1", 1, "r1", 30],
      ["t1", 2, "r2", 30],
    ]);
    expect(bench.rows("select sum(amount) from spent where scope = 'key'")).toEqual([[60]]);
  });

  it("finds the same orphans after a restart at any point, with their last marks", () => {
    const bench = new Bench();
    bench.write(hold(1), hold(2), mark(2, 3));
    bench.run();
    bench.write(mark(2, 8), end(1), hold(3));
    const orphans = [
      { hold: hold(2), mark: mark(2, 8) },
      { hold: hold(3), mark: undefined },
    ];
    bench.run();
    expect(bench.fold.orphans()).toEqual(orphans);
    bench.restart();
    bench.run();
    expect(bench.fold.orphans()).toEqual(orphans);
    bench.write(end(2), end(3));
    bench.run();
    bench.restart();
    expect(bench.fold.orphans()).toEqual([]);
  });

  it("deletes segments that are folded whole and carries their open holds along", () => {
    const bench = new Bench(1);
    for (let n = 1; n <= 6; n += 1) {
      bench.write(hold(n), mark(n, n));
      if (n % 2 === 0) bench.write(end(n));
    }
    expect(bench.run().oldest).toBe(listSegments(bench.folder)[0]);
    expect(listSegments(bench.folder)).toHaveLength(1);
    bench.restart();
    expect(bench.fold.orphans().map(({ hold: { request }, mark: last }) => [request, last?.amount])).toEqual([
      ["r1", 1],
      ["r3", 3],
      ["r5", 5],
    ]);
    bench.write(end(1), end(3), end(5));
    expect(bench.run().settled).toBe(3);
    expect(bench.rows("select count(*) from open_hold")).toEqual([[0]]);
    bench.restart();
    expect(bench.fold.orphans()).toEqual([]);
  });

  it("rolls everything back when SQLite fails, and folds it when it works again", () => {
    const bench = new Bench();
    bench.write(hold(1), hold(2), end(2));
    bench.run();
    bench.write(end(1), hold(3), end(3));
    bench.database.exec("create trigger full before update on cursor begin select raise(abort, 'disk full'); end");
    expect(() => bench.run()).toThrow("disk full");
    bench.database.exec("drop trigger full");
    expect(bench.run()).toMatchObject({ settled: 2 });
    expect(bench.settled).toEqual([
      ["t1", 1, "r2", 30],
      ["t1", 2, "r1", 30],
      ["t1", 3, "r3", 30],
    ]);
    expect(bench.rows("select amount from spent where scope = 'key'")).toEqual([[90]]);
  });

  it("is loud about damage before the end of what was written", () => {
    const bench = new Bench();
    bench.write(hold(1));
    const { segment, offset } = bench.journal.position;
    appendFileSync(segmentPath(bench.folder, 1), Buffer.alloc(30));
    expect(() => bench.fold.run({ segment, offset: offset + 30 })).toThrow(`damaged at byte ${offset}`);
  });

  it("goes on in the next segment when a power cut took the end of one that was folded", () => {
    const bench = new Bench();
    bench.write(hold(1));
    const { offset } = bench.journal.position;
    bench.write(end(1));
    bench.run();
    truncateSync(segmentPath(bench.folder, 1), offset);
    const journal = new FileJournal({ dir: bench.folder, clock: bench.clock, fsync: false, segment: 2 });
    journal.append(hold(2));
    journal.append(end(2));
    journal.flush();
    bench.restart();
    expect(bench.fold.run(journal.position)).toMatchObject({ settled: 1, oldest: 2 });
  });
});
