import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/storage/database.ts";
import { openLane, type LaneStorage } from "../../../src/storage/lane-storage.ts";
import { laneFolder, listLanes, makeLane } from "../../../src/storage/lanes.ts";
import type { Recovered, SettleOrphans } from "../../../src/storage/lane-recovery.ts";
import { openStorage } from "../../../src/storage/recover.ts";
import { migrate } from "../../../src/storage/schema.ts";
import { closeLanes, openShared, type SharedOptions, type SharedStorage } from "../../../src/storage/shared-storage.ts";
import { PlainLaw } from "./fixtures/law.ts";
import { AT_MS, CountingRandom, end, hold, mark, temporaryFolder, VirtualClock } from "./fixtures/world.ts";

/** Its turns end by themselves. */
class Clock extends VirtualClock {
  override turn(then: () => void): void {
    queueMicrotask(then);
  }
}

/** As the gate does it: at the last mark. */
const settle: SettleOrphans = async (orphans, journal) => {
  for (const {
    hold: { request },
    mark: last,
  } of orphans)
    journal.append({ ...end(0, { amount: last?.amount ?? 0, outcome: "crashed" }), request });
  await journal.durable();
};

function options(dir: string, more: Partial<SharedOptions> = {}): SharedOptions {
  const clock = new Clock();
  const pause = (ms: number): Promise<void> => Promise.resolve(clock.pass(ms));
  return { dir, clock, random: new CountingRandom(), law: new PlainLaw(), fsync: false, log: () => undefined, settle, pause, ...more };
}

/** A data folder with its tables. */
function made(): string {
  const dir = temporaryFolder();
  const database = openDatabase(dir);
  migrate(database);
  database.close();
  return dir;
}

function enter(dir: string, lane: number, { segment, oldest }: Pick<Recovered, "segment" | "oldest">): LaneStorage {
  const clock = new Clock();
  return openLane({ dir, lane, segment, oldest, clock, random: new CountingRandom(), law: new PlainLaw(), fsync: false });
}

interface Row {
  readonly request: string;
  readonly outcome: string;
  readonly amount: number;
}

function rows(dir: string): readonly Row[] {
  const database = openDatabase(dir);
  try {
    return database
      .prepare("select request, outcome, amount from settlement order by position")
      .raw()
      .all()
      .map((row) =>
        Array.isArray(row)
          ? { request: String(row[0]), outcome: String(row[1]), amount: Number(row[2]) }
          : { request: "", outcome: "", amount: 0 },
      );
  } finally {
    database.close();
  }
}

const tenantsShare = (charged: readonly { readonly scope: string; readonly amount: number }[] | undefined): number | undefined =>
  charged?.filter(({ scope }) => scope === "tenant").reduce((sum, { amount }) => sum + amount, 0);

/** A process of this lane from its begin on. */
async function begun(shared: SharedStorage, dir: string, lane: number): Promise<LaneStorage> {
  const start = await shared.recover(lane);
  shared.ledger.join(lane, start.segment, () => undefined);
  return enter(dir, lane, start);
}

describe("lanes", () => {
  it("lie below the data folder, and the first is the folder itself", () => {
    const dir = temporaryFolder();
    expect(listLanes(dir)).toEqual([]);
    for (const lane of [10, 2]) makeLane(dir, lane);
    expect(listLanes(dir)).toEqual([2, 10]);
    expect(laneFolder(dir, 0)).toBe(dir);
  });

  it("are each one process's", () => {
    const dir = made();
    const lane = enter(dir, 1, { segment: 1, oldest: 1 });
    expect(() => enter(dir, 1, { segment: 1, oldest: 1 })).toThrow("in use");
    return lane.close();
  });
});

describe("several journals", () => {
  it("are folded into one ledger, each charge told once and to its own lane", async () => {
    const dir = temporaryFolder();
    const shared = await openShared(options(dir));
    const [one, two] = [await begun(shared, dir, 1), await begun(shared, dir, 2)];
    for (const [lane, storage, n] of [[1, one, 1] as const, [2, two, 2] as const]) {
      storage.journal.append(hold(n));
      storage.journal.append(end(n, { amount: n * 10 }));
      storage.journal.flush();
      shared.ledger.written(lane, storage.journal.position);
    }
    const query = { tenant: hold(1).tenant, startMs: AT_MS - 86_400_000, endMs: AT_MS + 86_400_000, bucketMs: 172_800_000 };
    const nothing = { projects: undefined, keys: undefined, models: undefined, groupBy: [], capability: undefined };
    const usage = await shared.ledger.usage({ ...query, ...nothing });
    expect(usage.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(0);
    await one.close();
    await two.close();
    expect(tenantsShare(await shared.ledger.leave(1))).toBe(10);
    expect(tenantsShare(await shared.ledger.leave(2))).toBe(20);
    expect((await shared.recover(1)).charged).toEqual([]);
    await shared.close();
    expect(rows(dir).map(({ amount }) => amount)).toEqual([10, 20]);
  });

  it("keep apart what is open in each, through the end of a segment", async () => {
    const dir = temporaryFolder();
    const shared = await openShared(options(dir));
    const [one, two] = [await begun(shared, dir, 1), await begun(shared, dir, 2)];
    one.journal.append(hold(1));
    one.journal.append(mark(1, 5));
    two.journal.append(hold(2));
    await one.close();
    await two.close();
    const first = await shared.recover(1);
    expect(first.orphans.map(({ hold: { request } }) => request)).toEqual([hold(1).request]);
    expect(tenantsShare(first.charged)).toBe(5);
    expect((await shared.recover(2)).orphans.map(({ hold: { request } }) => request)).toEqual([hold(2).request]);
    expect((await shared.recover(1)).orphans).toEqual([]);
    await shared.close();
    expect(rows(dir).map(({ outcome }) => outcome)).toEqual(["crashed", "crashed"]);
  });

  it("are settled once by the next start, whether of several or of one", async () => {
    const dir = temporaryFolder();
    const shared = await openShared(options(dir));
    const one = await begun(shared, dir, 1);
    one.journal.append(hold(1));
    one.journal.append(mark(1, 5));
    await one.close();
    await shared.close();
    await closeLanes(options(dir));
    expect(existsSync(join(dir, "lanes"))).toBe(false);
    await closeLanes(options(dir));
    const { clock, random, law, fsync, log } = options(dir);
    const alone = await openStorage({ dir, clock, random, law, fsync, log });
    expect(alone.orphans).toEqual([]);
    expect(alone.spent.find(({ scope }) => scope === "tenant")?.amount).toBe(5);
    await alone.close();
    expect(rows(dir)).toEqual([{ request: hold(1).request, outcome: "crashed", amount: 5 }]);
  });

  it("are waited for while a process still writes, but not for ever", async () => {
    const dir = made();
    const writing = enter(dir, 1, { segment: 1, oldest: 1 });
    await expect(openShared(options(dir))).rejects.toThrow("in use");
    let pauses = 0;
    const pause = async (): Promise<void> => {
      pauses += 1;
      if (pauses === 3) await writing.close();
    };
    const shared = await openShared(options(dir, { pause }));
    expect(pauses).toBe(3);
    await shared.close();
  });
});
