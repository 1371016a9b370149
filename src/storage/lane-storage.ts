/** What one of several processes has of the data folder: a journal of its own, and the shared directory to read in. */
import type { Clock, Lawmaker, Random } from "../ports.ts";
import { journalFolder, openDatabase } from "./database.ts";
import { SqliteDirectory } from "./directory.ts";
import { FileJournal } from "./journal-file.ts";
import { makeLane } from "./lanes.ts";
import { OwnerLock } from "./owner-lock.ts";

export interface LaneOptions {
  readonly dir: string;
  readonly lane: number;
  /** Where the recovery of this lane ended. */
  readonly segment: number;
  readonly oldest: number;
  readonly clock: Clock;
  readonly random: Pick<Random, "id" | "secret">;
  readonly law: Lawmaker;
  readonly fsync: boolean;
}

export interface LaneStorage {
  readonly journal: FileJournal;
  readonly directory: SqliteDirectory;
  /** Writes what is queued and gives the lane back. */
  close(): Promise<void>;
}

/** @throws Error when the lane is in use or cannot be opened */
export function openLane({ dir, lane, segment, oldest, clock, random, law, fsync }: LaneOptions): LaneStorage {
  const folder = makeLane(dir, lane);
  const lock = new OwnerLock(folder);
  const database = openDatabase(dir);
  const journal = new FileJournal({ dir: journalFolder(folder), clock, fsync, segment, oldest });
  return {
    journal,
    directory: new SqliteDirectory({ database, clock, random, law }),
    async close() {
      await journal.close().finally(() => {
        database.close();
        lock.release();
      });
    },
  };
}
