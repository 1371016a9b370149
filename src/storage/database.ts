/** Opens the SQLite file the same way everywhere: in the process, in the folding thread and on the command line. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import SQLite from "better-sqlite3";
import type { Database } from "better-sqlite3";

/** Waiting for another writer at most, in milliseconds. */
const BUSY_MS_MAX = 5_000;
/** What a connection's page cache may take, in KiB. */
const CACHE_KIB_MAX = 16 * 1024;

/** The data folder's parts. */
export function databasePath(dir: string): string {
  return join(dir, "bailiwick.db");
}

export function journalFolder(dir: string): string {
  return join(dir, "journal");
}

/**
 * Opens or creates the database of a data folder. WAL: readers never wait for the writer; synchronous NORMAL: a power cut may take back the
 * newest transactions, but the cursor goes back with them and the journal is folded again.
 */
export function openDatabase(dir: string): Database {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const database = new SQLite(databasePath(dir), { timeout: BUSY_MS_MAX });
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  database.pragma("foreign_keys = ON");
  database.pragma(`cache_size = -${CACHE_KIB_MAX}`);
  return database;
}
