import { mkdirSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { keyId } from "../../../src/domain/ids.ts";
import type { EndRecord, HoldRecord, JournalRecord } from "../../../src/ports.ts";
import { journalFolder, openDatabase } from "../../../src/storage/database.ts";
import { JournalFold } from "../../../src/storage/fold.ts";
import { readGrants } from "../../../src/storage/grants.ts";
import { FileJournal } from "../../../src/storage/journal-file.ts";
import { insertStatement, migrate } from "../../../src/storage/schema.ts";
import { settlement } from "../../../src/storage/tables.ts";
import { AT_MS, end, hold, mark, temporaryFolder, VirtualClock } from "./fixtures/world.ts";

const NOW_MS = AT_MS + 100_000;
const MINUTE = { fromMs: NOW_MS - BOUNDS.windowMs, nowMs: NOW_MS };

/** The grants of a folded journal, of one scope: [id, age in ms, requests, tokens]. */
function grantsOf(records: readonly JournalRecord[], scope = "key"): unknown[][] {
  const dir = temporaryFolder();
  const database = openDatabase(dir);
  onTestFinished(() => {
    database.close();
  });
  migrate(database);
  mkdirSync(journalFolder(dir));
  const journal = new FileJournal({ dir: journalFolder(dir), clock: new VirtualClock(), fsync: false, segment: 1, oldest: 1 });
  for (const record of records) journal.append(record);
  journal.flush();
  const fold = new JournalFold(database, { dir, insertSettlement: insertStatement(settlement) });
  fold.run(journal.position);
  const granted = readGrants(database, fold.orphans(), MINUTE).filter((grant) => grant.scope === scope);
  return granted.map(({ id, atMs, requests, tokens }) => [id, NOW_MS - atMs, requests, tokens]).sort(byIdThenAge);
}

function byIdThenAge(one: readonly unknown[], other: readonly unknown[]): number {
  return String(one[0]).localeCompare(String(other[0])) || Number(one[1]) - Number(other[1]);
}

/** Opened `ageMs` before now, ended a second later. */
function settled(n: number, ageMs: number, over: { hold?: Partial<HoldRecord>; end?: Partial<EndRecord> } = {}): JournalRecord[] {
  return [hold(n, { atMs: NOW_MS - ageMs, ...over.hold }), end(n, { atMs: NOW_MS - ageMs + 1_000, ...over.end })];
}

const NOTHING = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, source: "none" as const };

describe("what the last minute granted", () => {
  it("sums requests and settled tokens by scope and second, at the newest of each", () => {
    const records = [...settled(1, 3_900), ...settled(2, 3_100), ...settled(3, 2_900, { hold: { key: keyId("k2") } })];
    expect(grantsOf(records)).toEqual([
      ["k1", 3_100, 2, 60],
      ["k2", 2_900, 1, 30],
    ]);
    expect(grantsOf(records, "tenant")).toEqual([
      ["t1", 2_900, 1, 30],
      ["t1", 3_100, 2, 60],
    ]);
    expect(grantsOf(records, "msp")).toHaveLength(2);
  });

  it("leaves out what was opened before the minute, however late it ended", () => {
    const long = settled(1, 60_000, { end: { atMs: NOW_MS } });
    expect(grantsOf([...long, ...settled(2, 59_999)])).toEqual([["k1", 59_999, 1, 30]]);
  });

  it("keeps what was reserved of a request that ended before its first output, as a running gate does", () => {
    const abandoned = settled(1, 5_000, { end: { outcome: "abandoned", usage: NOTHING } });
    expect(grantsOf(abandoned)).toEqual([["k1", 5_000, 1, 100]]);
    expect(grantsOf(settled(1, 5_000, { end: { outcome: "failed", usage: NOTHING } }))).toEqual([["k1", 5_000, 1, 0]]);
  });

  it("counts orphans at their last mark, or at what they reserved", () => {
    const records = [hold(1, { atMs: NOW_MS - 4_000 }), mark(1), hold(2, { atMs: NOW_MS - 9_000 }), hold(3, { atMs: NOW_MS - 90_000 })];
    expect(grantsOf(records)).toEqual([
      ["k1", 4_000, 1, 6],
      ["k1", 9_000, 1, 100],
    ]);
  });

  it("stops reading at what ended long before, and forgives a clock that was set back a little", () => {
    const aSettingBack = settled(2, -30_000);
    expect(grantsOf([...settled(1, 200_000), ...aSettingBack, ...settled(3, 1_000)])).toEqual([
      ["k1", 0, 1, 30],
      ["k1", 1_000, 1, 30],
    ]);
    expect(grantsOf([...settled(1, 2_000), ...settled(2, 200_000), ...settled(3, 1_000)])).toEqual([["k1", 1_000, 1, 30]]);
    expect(grantsOf([...settled(1, 2_000), ...settled(2, 71_000), ...settled(3, 1_000)])).toHaveLength(2);
    expect(grantsOf(settled(1, -90_000))).toEqual([]);
  });
});
