/** What becomes of a lane when its process is gone: its journal is mended, folded, and what was open in it is settled, once. */
import { mkdirSync } from "node:fs";
import type { Database } from "better-sqlite3";
import type { Clock, Journal, Orphan, Spent } from "../ports.ts";
import { journalFolder } from "./database.ts";
import type { FoldThread } from "./fold-thread.ts";
import { readCursor } from "./fold.ts";
import { FileJournal } from "./journal-file.ts";
import { laneFolder } from "./lanes.ts";
import { mendJournal } from "./mend.ts";
import type { StorageLog } from "./storage-log.ts";

/** Writes an end for each of them, and resolves when these are written. */
export type SettleOrphans = (orphans: readonly Orphan[], journal: Journal) => Promise<unknown>;

export interface LaneRecovery {
  readonly dir: string;
  readonly clock: Pick<Clock, "turn">;
  readonly fsync: boolean;
  readonly database: Database;
  readonly thread: FoldThread;
  readonly log: StorageLog;
  readonly settle: SettleOrphans;
}

export interface Recovered {
  /** Where the next process goes on writing. */
  readonly segment: number;
  readonly oldest: number;
  readonly orphans: readonly Orphan[];
  /** Money that was settled since the last fold was reported. */
  readonly charged: readonly Spent[];
}

/** Nobody else may write in the lane or fold it meanwhile. @throws Fault ledger_unavailable */
export async function recoverLane(lane: number, { dir, clock, fsync, database, thread, log, settle }: LaneRecovery): Promise<Recovered> {
  const folder = journalFolder(laneFolder(dir, lane));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const journal = new FileJournal({ dir: folder, clock, fsync, ...mendJournal(folder, readCursor(database, lane), log) });
  try {
    const orphans = await thread.orphans(journal.position, lane);
    await settle(orphans, journal);
    const { oldest, charged } = await thread.fold(journal.position, lane);
    return { segment: journal.position.segment, oldest, orphans, charged };
  } finally {
    await journal.close();
  }
}
