/** Opens a data folder: takes it over, mends what a crash left, brings the tables up to date and says which holds were open. */
import { gte } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { Database } from "better-sqlite3";
import { mkdirSync } from "node:fs";
import { BOUNDS } from "../bounds.ts";
import type { Clock, Granted, Lawmaker, Ledger, Orphan, Random, Spent } from "../ports.ts";
import { journalFolder, openDatabase } from "./database.ts";
import { SqliteDirectory } from "./directory.ts";
import { FoldThread } from "./fold-thread.ts";
import { JournalFold, readCursor } from "./fold.ts";
import { readGrants } from "./grants.ts";
import { FileJournal } from "./journal-file.ts";
import { mendJournal } from "./mend.ts";
import { monthAt } from "./month.ts";
import { OwnerLock } from "./owner-lock.ts";
import { insertStatement, migrate } from "./schema.ts";
import { SqliteLedger } from "./sqlite-ledger.ts";
import type { StorageLog } from "./storage-log.ts";
import { settlement, spent } from "./tables.ts";

export interface StorageOptions {
  /** The data folder; made when missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly random: Pick<Random, "id" | "secret">;
  /** Judges what the directory is given. */
  readonly law: Lawmaker;
  readonly fsync: boolean;
  readonly log: StorageLog;
}

export interface Storage {
  readonly journal: FileJournal;
  /** Holds that were open when the last process ended, oldest first: settle them before anything else is appended. */
  readonly orphans: readonly Orphan[];
  /** Money spent in this calendar month and the one before, by scope. */
  readonly spent: readonly Spent[];
  /** What was granted in the last windowMs, orphans included. */
  readonly granted: readonly Granted[];
  readonly ledger: Ledger & { fold(): Promise<void> };
  /** Knows nobody until its first reload. */
  readonly directory: SqliteDirectory;
  /** Writes, folds and closes everything, and gives the folder back. */
  close(): Promise<void>;
}

/** @throws Error when another process has the folder, when a newer program made it, or when it cannot be read */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const lock = new OwnerLock(options.dir);
  let database: Database | undefined;
  try {
    database = openDatabase(options.dir);
    migrate(database);
    return await assemble(options, lock, database);
  } catch (failure) {
    database?.close();
    lock.release();
    throw failure;
  }
}

async function assemble({ dir, clock, random, law, fsync, log }: StorageOptions, lock: OwnerLock, database: Database): Promise<Storage> {
  const folder = journalFolder(dir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const start = mendJournal(folder, readCursor(database), log);
  const journal = new FileJournal({ dir: folder, clock, fsync, ...start });
  const foldSettings = { dir, insertSettlement: insertStatement(settlement) };
  const thread = new FoldThread(foldSettings);
  try {
    // Here and not in the thread: nobody is served yet whom it could hold up, and a start need not wait for a thread's.
    const fold = new JournalFold(database, foldSettings);
    fold.run(journal.position);
    const orphans = fold.orphans();
    const nowMs = clock.nowMs();
    const granted = readGrants(database, orphans, { fromMs: nowMs - BOUNDS.windowMs, nowMs });
    const ledger = new SqliteLedger({ journal, thread, clock, log });
    const directory = new SqliteDirectory({ database, clock, random, law });
    const close = async (): Promise<void> => {
      try {
        await journal.close().finally(() => ledger.close());
      } finally {
        database.close();
        lock.release();
      }
    };
    return { journal, orphans, spent: readSpent(database, nowMs), granted, ledger, directory, close };
  } catch (failure) {
    await journal.close().finally(() => thread.close());
    throw failure;
  }
}

/** Of this month and the one before: a hold opened before midnight belongs to the old month. */
export function readSpent(database: Database, nowMs: number): Spent[] {
  const previous = monthAt(monthAt(nowMs).fromMs - 1).name;
  return drizzle(database).select().from(spent).where(gte(spent.month, previous)).all();
}
