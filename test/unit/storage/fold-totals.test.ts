import { describe, expect, it, onTestFinished } from "vitest";
import { tenantId } from "../../../src/domain/ids.ts";
import { openDatabase } from "../../../src/storage/database.ts";
import { FoldTotals } from "../../../src/storage/fold-totals.ts";
import { migrate } from "../../../src/storage/schema.ts";
import { hold, temporaryFolder } from "./fixtures/world.ts";

describe("fold totals", () => {
  it("adds to what is there, month by month, and forgets what was not written", () => {
    const database = openDatabase(temporaryFolder());
    onTestFinished(() => {
      database.close();
    });
    migrate(database);
    const totals = new FoldTotals(database);
    const november = hold(1);
    const october = hold(1, { atMs: Date.UTC(2026, 9, 31, 23, 59, 59, 999) });
    const settle = (of: typeof november, amount: number): void => {
      totals.settled(of, amount, totals.nextSequence(of.tenant));
    };
    for (const [of, amount] of [
      [november, 1],
      [october, 10],
      [november, 100],
    ] as const)
      settle(of, amount);
    totals.write();
    settle(november, 5_000);
    totals.reset();
    settle(november, 1_000);
    expect(totals.nextSequence(tenantId("t1"))).toBe(5);
    expect(totals.nextSequence(tenantId("t2"))).toBe(1);
    totals.write();
    expect(database.prepare("select month, amount from spent where scope = 'msp' order by month").raw().all()).toEqual([
      ["2026-10", 10],
      ["2026-11", 1_101],
    ]);
    expect(database.prepare("select tenant, last from sequence").raw().all()).toEqual([["t1", 4]]);
  });
});
