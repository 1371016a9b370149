import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { journalFolder, openDatabase } from "../../../src/storage/database.ts";
import { listSegments, segmentPath } from "../../../src/storage/journal-segments.ts";
import { mendJournal } from "../../../src/storage/mend.ts";
import { openStorage } from "../../../src/storage/recover.ts";
import { insertStatement, migrate } from "../../../src/storage/schema.ts";
import { settlement } from "../../../src/storage/tables.ts";
import type { Storage } from "../../../src/storage/recover.ts";
import { ledgerContract } from "../../contract/ledger.ts";
import { PlainLaw } from "./fixtures/law.ts";
import { CountingRandom, end, hold, mark, temporaryFolder, VirtualClock } from "./fixtures/world.ts";

interface Opened extends Storage {
  readonly logged: string[];
  readonly clock: VirtualClock;
}

async function open(dir: string): Promise<Opened> {
  const logged: string[] = [];
  const clock = new VirtualClock();
  const storage = await openStorage({
    dir,
    clock,
    random: new CountingRandom(),
    law: new PlainLaw(),
    fsync: false,
    log: (level, message) => logged.push(`${level} ${message}`),
  });
  return { ...storage, logged, clock };
}

ledgerContract("SQLite", async () => {
  const dir = mkdtempSync(join(tmpdir(), "storage-"));
  const storage = await open(dir);
  const close = async (): Promise<void> => {
    await storage.close();
    rmSync(dir, { recursive: true });
  };
  return { journal: storage.journal, ledger: storage.ledger, close };
});

/** All settlements as request -> [outcome, amount], sequence numbers, and what is charged. */
function readTables(dir: string): { requests: string[]; sequences: number[]; crashed: number; charged: number; spent: number } {
  const database = openDatabase(dir);
  try {
    return {
      requests: database.prepare("select request from settlement").pluck().all().map(String),
      sequences: database.prepare("select sequence from settlement order by sequence").pluck().all().map(Number),
      crashed: Number(database.prepare("select count(*) from settlement where outcome = 'crashed'").pluck().get()),
      charged: Number(database.prepare("select coalesce(sum(amount), 0) from settlement").pluck().get()),
      spent: Number(database.prepare("select coalesce(sum(amount), 0) from spent where scope = 'tenant'").pluck().get()),
    };
  } finally {
    database.close();
  }
}

/** Runs the appender until it has said `lines` lines, kills it in the middle of its work, and returns all that it said. */
function killedAfter(dir: string, first: number, lines: number): Promise<string[]> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL("./fixtures/appender.ts", import.meta.url)), dir, String(first), insertStatement(settlement)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split("\n").length > lines) child.kill("SIGKILL");
  });
  return new Promise((resolve) =>
    child.on("close", () => {
      resolve(said.split("\n").slice(0, -1));
    }),
  );
}

describe("a data folder", () => {
  it("gives back the orphans of the process before, with their marks, and the money of this month and the last", async () => {
    const dir = temporaryFolder();
    const before = await open(dir);
    expect(before.orphans).toEqual([]);
    before.journal.append(hold(1, { atMs: Date.UTC(2026, 9, 31) }));
    before.journal.append(hold(2, { atMs: Date.UTC(2026, 8, 30) }));
    for (const record of [hold(3), mark(3, 9), hold(4), end(1), end(2), end(4)]) before.journal.append(record);
    await before.close();
    const after = await open(dir);
    expect(after.orphans).toEqual([{ hold: hold(3), mark: mark(3, 9) }]);
    expect(after.spent.filter(({ scope }) => scope === "tenant")).toEqual([
      { scope: "tenant", id: "t1", month: "2026-10", amount: 30 },
      { scope: "tenant", id: "t1", month: "2026-11", amount: 30 },
    ]);
    expect(after.logged).toEqual([]);
    await after.close();
  });

  it("says what the last minute granted, so that a new process goes on with it", async () => {
    const dir = temporaryFolder();
    const before = await open(dir);
    const atMs = before.clock.ms - 30_000;
    for (const record of [hold(1, { atMs }), hold(2, { atMs }), hold(3, { atMs: atMs - 60_000 }), end(1, { atMs }), end(3, { atMs })])
      before.journal.append(record);
    await before.close();
    const after = await open(dir);
    expect(after.granted).toEqual(
      (["key", "project", "tenant", "msp"] as const).map((scope) => ({
        scope,
        id: `${scope.slice(0, 1)}1`,
        atMs,
        requests: 2,
        tokens: 130,
      })),
    );
    await after.close();
  });

  it("belongs to one gateway at a time", async () => {
    const dir = temporaryFolder();
    const first = await open(dir);
    await expect(open(dir)).rejects.toThrow(`in use by another gateway (process ${process.pid})`);
    await first.close();
    await (await open(dir)).close();
  });

  it("folds by itself when there is something new", async () => {
    const dir = temporaryFolder();
    const storage = await open(dir);
    storage.journal.append(hold(1));
    storage.journal.append(end(1));
    storage.clock.endTurn();
    storage.clock.pass(500);
    await expect.poll(() => readTables(dir).requests, { interval: 5, timeout: 20_000 }).toEqual(["r1"]);
    await storage.close();
  }, 30_000);

  it("cuts the tail that a crash tore, and says so", async () => {
    const dir = temporaryFolder();
    const before = await open(dir);
    before.journal.append(hold(1));
    await before.close();
    appendFileSync(segmentPath(journalFolder(dir), 1), "BLW1 half a batch");
    const after = await open(dir);
    expect(after.logged).toEqual(["warn a write that a crash cut short was removed from the journal"]);
    after.journal.append(end(1));
    await after.close();
    expect(readTables(dir).requests).toEqual(["r1"]);
  });

  it("never uses a segment's number again when the journal was lost", async () => {
    const dir = temporaryFolder();
    const before = await open(dir);
    before.journal.append(hold(1));
    await before.close();
    rmSync(journalFolder(dir), { recursive: true });
    const after = await open(dir);
    after.journal.append(hold(2));
    after.journal.append(end(2));
    await after.close();
    expect(readTables(dir).requests).toEqual(["r2"]);
    expect(listSegments(journalFolder(dir))).toEqual([2]);
  });

  it("does not write behind the cursor when a power cut shortened the journal", () => {
    const dir = temporaryFolder();
    writeFileSync(segmentPath(dir, 3), "");
    expect(mendJournal(dir, { segment: 3, offset: 100 }, () => undefined)).toEqual({ segment: 4, oldest: 3 });
    expect(mendJournal(dir, { segment: 3, offset: 0 }, () => undefined)).toEqual({ segment: 3, oldest: 3 });
    expect(mendJournal(dir, { segment: 5, offset: 1 }, () => undefined)).toEqual({ segment: 6, oldest: 6 });
  });

  it("loses and doubles nothing that was acknowledged, however often it is killed", async () => {
    const dir = temporaryFolder();
    const held = new Set<string>();
    const ended = new Set<string>();
    const fresh = openDatabase(dir);
    migrate(fresh);
    fresh.close();
    for (const [round, lines] of [3, 60].entries()) {
      for (const line of await killedAfter(dir, round * 1_000_000, lines)) {
        const n = Number(line.slice(1));
        for (let k = 0; k < 10; k += 1) if (line.startsWith("h")) held.add(`r${n + k}`);
        for (let k = 0; k < 5; k += 1) if (line.startsWith("e")) ended.add(`r${n + k}`);
      }
    }
    const storage = await open(dir);
    const orphans = storage.orphans.map(({ hold: { request } }) => String(request));
    for (const {
      hold: { request },
    } of storage.orphans)
      storage.journal.append({ ...end(0), request, outcome: "crashed", amount: 0 });
    const tables = readTables(dir);
    await storage.close();
    // Exactly once: every acknowledged hold is either settled or an orphan, never both, never twice.
    const all = [...tables.requests, ...orphans];
    expect(new Set(all).size).toBe(all.length);
    expect([...held].filter((request) => !all.includes(request))).toEqual([]);
    const settled = new Set(tables.requests);
    expect([...ended].filter((request) => !settled.has(request))).toEqual([]);
    expect(tables.sequences).toEqual(tables.sequences.map((_, index) => index + 1));
    expect(tables.spent).toBe(tables.charged);
    expect(readTables(dir).requests).toHaveLength(all.length);
    // Real processes on a busy machine: seconds, not milliseconds.
  }, 30_000);
});
