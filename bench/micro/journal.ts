/** What durable admission costs: formatting, the write of a turn, folding a settlement, and bytes on the disk. CPU time of this process. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { backendId, keyId, modelId, mspId, projectId, requestId, tenantId } from "../../src/domain/ids.ts";
import type { EndRecord, HoldRecord } from "../../src/ports.ts";
import { databasePath, journalFolder, openDatabase } from "../../src/storage/database.ts";
import { JournalFold } from "../../src/storage/fold.ts";
import { FileJournal } from "../../src/storage/journal-file.ts";
import { encodeRecord } from "../../src/storage/journal-record.ts";
import { insertStatement, migrate } from "../../src/storage/schema.ts";
import { settlement } from "../../src/storage/tables.ts";

const REQUESTS = 60_000;
const AT_MS = Date.UTC(2026, 10, 15);

function hex(n: number): string {
  return (n + 0x1_0000_0000).toString(16).padStart(32, "0190a1b2c3d4e5f6");
}

function hold(n: number): HoldRecord {
  const tenant = n % 100;
  return {
    kind: "hold",
    request: requestId(hex(n)),
    key: keyId(`key_${hex(n % 500)}`),
    project: projectId(`project-${n % 200}`),
    tenant: tenantId(`tenant-${tenant}`),
    msp: mspId(`msp-${tenant % 3}`),
    model: modelId("llama-3.3-70b-instruct"),
    alias: "large",
    capability: "chat",
    tokens: 1_200 + (n % 1_000),
    amount: 4_000 + (n % 1_000),
    currency: "EUR",
    priceVersion: "2026-11",
    atMs: AT_MS + n,
  };
}

function end(n: number): EndRecord {
  return {
    kind: "end",
    request: requestId(hex(n)),
    outcome: "served",
    usage: { promptTokens: 900 + (n % 100), cachedTokens: 512, completionTokens: 300 + (n % 200), source: "backend" },
    amount: 2_000 + (n % 1_000),
    backend: backendId("backend-fra-1"),
    status: 200,
    attempts: 1,
    firstByteMs: 80.25 + (n % 50),
    durationMs: 2_400.5 + (n % 100),
    atMs: AT_MS + 2_500 + n,
  };
}

/** CPU microseconds of this process per unit of work. */
function cpuPer(count: number, work: () => void): number {
  const before = process.cpuUsage();
  work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / count;
}

function formatting(): number {
  const records = Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? hold(n) : end(n)));
  let chars = 0;
  const round = (): void => {
    for (let n = 0; n < REQUESTS; n += 1) chars += encodeRecord(records[n % 1_000] ?? hold(n)).length;
  };
  round();
  const cost = cpuPer(REQUESTS, round);
  if (chars === 0) throw new Error("nothing was formatted");
  return cost;
}

/** A hold and an end per request, `perTurn` records to a turn. */
function appending(dir: string, perTurn: number): number {
  const turns: (() => void)[] = [];
  const journal = new FileJournal({ dir, clock: { turn: (then) => turns.push(then) }, fsync: false, segment: 1 });
  const records = Array.from({ length: REQUESTS }, (_, n) => [hold(n), end(n)] as const).flat();
  return cpuPer(records.length, () => {
    for (const [n, record] of records.entries()) {
      journal.append(record);
      if ((n + 1) % perTurn === 0) turns.pop()?.();
    }
    journal.flush();
  });
}

function folding(dir: string): { foldUs: number; databaseBytes: number } {
  const database = openDatabase(dir);
  migrate(database);
  const fold = new JournalFold(database, { dir, insertSettlement: insertStatement(settlement) });
  const segment = statSync(join(journalFolder(dir), "000000000001.journal")).size;
  const foldUs = cpuPer(REQUESTS, () => {
    if (fold.run({ segment: 1, offset: segment }).settled !== REQUESTS) throw new Error("not everything was folded");
  });
  database.pragma("wal_checkpoint(TRUNCATE)");
  database.close();
  return { foldUs, databaseBytes: statSync(databasePath(dir)).size };
}

/** Figures per record or per request, named with their units. */
export function benchJournal(): Readonly<Record<string, number>> {
  const root = mkdtempSync(join(tmpdir(), "bench-journal-"));
  try {
    const dir = join(root, "folded");
    const figures: Record<string, number> = { formatUsPerRecord: formatting() };
    appending(join(root, "warm"), 8);
    for (const perTurn of [1, 2, 8, 64])
      figures[`appendUsPerRecord${perTurn}`] = appending(perTurn === 64 ? journalFolder(dir) : join(root, String(perTurn)), perTurn);
    figures["journalBytesPerRequest"] = statSync(join(journalFolder(dir), "000000000001.journal")).size / REQUESTS;
    const { foldUs, databaseBytes } = folding(dir);
    return { ...figures, foldUsPerRequest: foldUs, databaseBytesPerRequest: databaseBytes / REQUESTS };
  } finally {
    rmSync(root, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [name, value] of Object.entries(benchJournal())) process.stdout.write(`${name.padEnd(28)} ${value.toFixed(2)}\n`);
}
