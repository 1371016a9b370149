/** Opens a data folder for several processes: takes it over, recovers every lane, and says what was spent and granted. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "better-sqlite3";
import { BOUNDS } from "../bounds.ts";
import type { Clock, Granted, Lawmaker, Random, Spent } from "../ports.ts";
import { openDatabase } from "./database.ts";
import { SqliteDirectory } from "./directory.ts";
import { FoldThread } from "./fold-thread.ts";
import { readGrants } from "./grants.ts";
import { LaneLedger } from "./lane-ledger.ts";
import { recoverLane, type Recovered, type SettleOrphans } from "./lane-recovery.ts";
import { listLanes, makeLane } from "./lanes.ts";
import { OwnerLock } from "./owner-lock.ts";
import { readSpent } from "./recover.ts";
import { insertStatement, migrate } from "./schema.ts";
import type { StorageLog } from "./storage-log.ts";
import { settlement } from "./tables.ts";

/** How often a lane is tried whose process outlives its parent, in milliseconds. */
const TRY_AGAIN_MS = 100;

export interface SharedOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly random: Pick<Random, "id" | "secret">;
  readonly law: Lawmaker;
  readonly fsync: boolean;
  readonly log: StorageLog;
  readonly settle: SettleOrphans;
  /** Waits; nothing else may keep this process alive meanwhile. */
  readonly pause: (ms: number) => Promise<void>;
}

export interface SharedStorage {
  /** Everything that is settled, of this month and the one before. */
  readonly spent: readonly Spent[];
  readonly granted: readonly Granted[];
  readonly directory: SqliteDirectory;
  readonly ledger: LaneLedger;
  /** Settles what the process of this lane left open; nobody may write in it meanwhile. */
  recover(lane: number): Promise<Recovered>;
  close(): Promise<void>;
}

/** Waits for processes of an earlier life that still finish their requests. @throws Error when the folder is in use */
export async function openShared(options: SharedOptions): Promise<SharedStorage> {
  const { dir, clock, random, law, log } = options;
  const lock = new OwnerLock(dir);
  const thread = new FoldThread({ dir, insertSettlement: insertStatement(settlement) });
  let database: Database | undefined;
  const release = async (): Promise<void> => {
    await thread.close();
    database?.close();
    lock.release();
  };
  try {
    database = openDatabase(dir);
    migrate(database);
    const recovery = { ...options, database, thread };
    await recoverLane(0, recovery);
    for (const lane of listLanes(dir)) await withLane(lane, options, () => recoverLane(lane, recovery));
    const nowMs = clock.nowMs();
    const ledger = new LaneLedger({ thread, clock, log });
    return {
      spent: readSpent(database, nowMs),
      granted: readGrants(database, [], { fromMs: nowMs - BOUNDS.windowMs, nowMs }),
      directory: new SqliteDirectory({ database, clock, random, law }),
      ledger,
      recover: (lane) => recoverLane(lane, recovery),
      close: () => ledger.close().finally(release),
    };
  } catch (failure) {
    await release();
    throw failure;
  }
}

/** For a process that is alone from now on: what several have left is recovered, and their lanes go. */
export async function closeLanes(options: SharedOptions): Promise<void> {
  if (listLanes(options.dir).length === 0) return;
  const shared = await openShared(options);
  await shared.close();
  rmSync(join(options.dir, "lanes"), { recursive: true });
}

async function withLane(lane: number, { dir, clock, pause }: SharedOptions, use: () => Promise<unknown>): Promise<void> {
  const lock = await lockLane(makeLane(dir, lane), clock, pause);
  try {
    await use();
  } finally {
    lock.release();
  }
}

/** A process whose parent has died takes nothing new, and ends within the bound of a drain. */
async function lockLane(folder: string, clock: Clock, pause: SharedOptions["pause"]): Promise<OwnerLock> {
  const untilMs = clock.monotonicMs() + BOUNDS.drainMsMax + BOUNDS.cutSettleMsMax + BOUNDS.processAnswerMsMax;
  for (;;) {
    try {
      return new OwnerLock(folder);
    } catch (inUse) {
      if (clock.monotonicMs() > untilMs) throw inUse;
      await pause(TRY_AGAIN_MS);
    }
  }
}
