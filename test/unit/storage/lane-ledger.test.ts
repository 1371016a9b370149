import { describe, expect, it } from "vitest";
import { tenantId } from "../../../src/domain/ids.ts";
import type { FoldReport } from "../../../src/storage/fold.ts";
import { LaneLedger } from "../../../src/storage/lane-ledger.ts";
import type { Position } from "../../../src/storage/journal-segments.ts";
import { VirtualClock } from "./fixtures/world.ts";

/** A thread that folds at once, or fails. */
class Thread {
  fails = false;
  readonly folded: string[] = [];

  fold(until: Position, lane = 0): Promise<FoldReport> {
    this.folded.push(`${lane}:${until.segment}/${until.offset}`);
    if (this.fails) return Promise.reject(new Error("no room"));
    const charged = [{ scope: "key" as const, id: "k", month: "2026-11", amount: until.offset }];
    return Promise.resolve({ position: until, settled: 1, strayEnds: 0, oldest: until.segment, charged });
  }

  query(): Promise<readonly unknown[]> {
    return Promise.resolve([]);
  }
}

function fresh() {
  const thread = new Thread();
  const clock = new VirtualClock();
  const said: string[] = [];
  const released: number[] = [];
  const ledger = new LaneLedger({ thread, clock, log: (_, message) => said.push(message) });
  ledger.join(1, 1, (oldest) => released.push(oldest));
  return { thread, clock, ledger, said, released };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe("the ledger of several lanes", () => {
  it("folds what is new, at intervals, and adds up what that was", async () => {
    const { thread, clock, ledger, released } = fresh();
    ledger.written(1, { segment: 1, offset: 10 });
    clock.pass(500);
    await turns();
    clock.pass(500);
    await turns();
    ledger.written(1, { segment: 2, offset: 5 });
    ledger.written(1, { segment: 1, offset: 99 });
    clock.pass(500);
    await turns();
    expect(thread.folded).toEqual(["1:1/10", "1:2/5"]);
    expect(released).toEqual([1, 2]);
    expect(await ledger.leave(1)).toEqual([{ scope: "key", id: "k", month: "2026-11", amount: 15 }]);
    expect(await ledger.leave(1)).toBeUndefined();
  });

  it("no longer knows what a lane has charged when a fold was lost, and says so", async () => {
    const { thread, clock, ledger, said } = fresh();
    thread.fails = true;
    ledger.written(1, { segment: 1, offset: 10 });
    clock.pass(500);
    await turns();
    expect(said).toEqual(["a journal could not be folded; it is kept and tried again"]);
    thread.fails = false;
    clock.pass(500);
    await turns();
    expect(thread.folded).toHaveLength(2);
    expect(await ledger.leave(1)).toBeUndefined();
  });

  it("folds everything before it answers about usage", async () => {
    const { thread, ledger } = fresh();
    ledger.written(1, { segment: 1, offset: 10 });
    const tenant = { startMs: 0, endMs: 86_400_000, bucketMs: 86_400_000, groupBy: [], capability: undefined };
    await ledger.usage({ ...tenant, tenant: tenantId("t"), projects: undefined, keys: undefined, models: undefined });
    expect(thread.folded).toEqual(["1:1/10"]);
  });
});
