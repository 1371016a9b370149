import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { requestId } from "../../../../src/domain/ids.ts";
import { ObjectDesk } from "../../../../src/entry/worker/desk.ts";
import { settlementsInto } from "../../../../src/storage/d1/settlements.ts";
import { claimBy, HandClock, principalOf, settlementOf, usageOf } from "../../gate/fixtures.ts";
import { memorySql, MemoryD1 } from "../../storage/fixtures/sqlites.ts";

/** One object over its storage; `wake` is another life of it, and `alarm` what the platform does when the time has come. */
class Stage {
  readonly clock = new HandClock();
  readonly sql = memorySql();
  readonly d1 = new MemoryD1();
  readonly failures: unknown[] = [];
  wakeAtMs: number | undefined;
  desk = this.wake();

  wake(): ObjectDesk {
    this.desk = new ObjectDesk({
      sql: this.sql,
      clock: this.clock,
      take: settlementsInto(this.d1),
      wakeAt: (atMs) => void (this.wakeAtMs = atMs),
      failed: (cause) => this.failures.push(cause),
    });
    return this.desk;
  }

  /** Lets time pass, alarms and all. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.clock.nowMs() + ms;
    while (this.wakeAtMs !== undefined && this.wakeAtMs <= untilMs) {
      this.clock.advance(Math.max(0, this.wakeAtMs - this.clock.nowMs()));
      this.wakeAtMs = undefined;
      await this.desk.woken();
    }
    this.clock.advance(untilMs - this.clock.nowMs());
  }

  rows(): unknown[] {
    return this.d1.database.prepare("select request, outcome, amount, completion_tokens from settlement order by position").raw().all();
  }
}

describe("ObjectDesk", () => {
  it("carries a settlement to the shared tables within moments, and then sleeps", async () => {
    const stage = new Stage();
    const claim = claimBy(principalOf());
    expect(await stage.desk.open(claim)).toMatchObject({ ok: true });
    expect(await stage.desk.settle(claim.request, settlementOf({ amount: 70 }))).toBe("settled");
    expect(await stage.desk.settle(claim.request, settlementOf({ amount: 70 }))).toBe("already");
    await stage.pass(BOUNDS.handOverMs);
    expect(stage.rows()).toMatchObject([[claim.request, "served", 70, expect.any(Number)]]);
    await stage.pass(10 * BOUNDS.windowMs);
    expect([stage.wakeAtMs, stage.sql.exec("select 1 from ended").toArray()]).toEqual([undefined, []]);
  });

  it("settles a hold that shows no life within its lease, at its last mark, and never one that does", async () => {
    const stage = new Stage();
    const [dead, alive] = [claimBy(principalOf()), claimBy(principalOf())];
    await stage.desk.open(dead);
    await stage.desk.open(alive);
    await stage.desk.mark(dead.request, usageOf(5, 9), 42);
    for (let ms = 0; ms < 120_000; ms += BOUNDS.leaseRenewMs) {
      await stage.pass(BOUNDS.leaseRenewMs);
      await stage.desk.mark(alive.request, usageOf(5, ms), 1);
      if (ms === BOUNDS.holdMsMax) expect(stage.rows()).toEqual([[dead.request, "crashed", 42, 9]]);
    }
    expect(stage.rows()).toHaveLength(1);
    expect(await stage.desk.settle(dead.request, settlementOf({}))).toBe("already");
    expect(await stage.desk.settle(alive.request, settlementOf({}))).toBe("settled");
  });

  it("goes on in another life: limits, holds in flight, money", async () => {
    const stage = new Stage();
    const principal = principalOf({ key: { concurrency: 1, requestsPerMinute: 2, budgetPerMonth: 1_500 } });
    const first = claimBy(principal, { atMs: stage.clock.nowMs() });
    await stage.desk.open(first);
    stage.wake();
    expect(await stage.desk.open(claimBy(principal))).toMatchObject({ ok: false, over: "concurrency" });
    expect(await stage.desk.settle(first.request, settlementOf({ amount: 600 }))).toBe("settled");
    stage.wake();
    expect(await stage.desk.open(claimBy(principal, { atMs: stage.clock.nowMs() }))).toMatchObject({ ok: false, over: "budget" });
    const free = claimBy(principal, { amount: 0, atMs: stage.clock.nowMs() });
    expect(await stage.desk.open(free)).toMatchObject({ ok: true });
    await stage.desk.settle(free.request, settlementOf({ amount: 0 }));
    stage.wake();
    expect(await stage.desk.open(claimBy(principal, { amount: 0 }))).toMatchObject({ ok: false, over: "requests" });
    await stage.pass(BOUNDS.windowMs + BOUNDS.windowSlotMs);
    expect(await stage.desk.open(claimBy(principal, { amount: 0 }))).toMatchObject({ ok: true });
  });

  it("gives a hold from an earlier life time to show that it lives, then sweeps it", async () => {
    const stage = new Stage();
    const claim = claimBy(principalOf());
    await stage.desk.open(claim);
    stage.wake();
    await stage.pass(BOUNDS.leaseMsMax - 1);
    expect(stage.rows()).toEqual([]);
    await stage.pass(BOUNDS.leaseSweepMs);
    expect(stage.rows()).toMatchObject([[claim.request, "crashed", 0, 0]]);
  });

  it("keeps what it cannot carry over while D1 is away", async () => {
    const stage = new Stage();
    const claim = claimBy(principalOf());
    await stage.desk.open(claim);
    await stage.desk.settle(claim.request, settlementOf({}));
    stage.d1.fails = true;
    await stage.pass(5 * BOUNDS.windowMs);
    expect([stage.rows(), stage.failures.length > 5]).toEqual([[], true]);
    stage.d1.fails = false;
    await stage.pass(BOUNDS.leaseSweepMs);
    expect(stage.rows()).toHaveLength(1);
  });

  it("tells a fault by its name", async () => {
    const { desk } = new Stage();
    const claim = claimBy(principalOf());
    await desk.open(claim);
    await expect(desk.open(claim)).rejects.toThrow(/has a hold/);
  });

  it("lets one request carry a slot out, and frees the slot of one that was forgotten", async () => {
    const stage = new Stage();
    const wanted = (n: number) => ({ name: "n", bodyHash: "b", request: requestId(`s${n}`) });
    expect(await stage.desk.claimSlot(wanted(1))).toEqual({ kind: "yours" });
    expect(await stage.desk.claimSlot({ ...wanted(2), bodyHash: "other" })).toEqual({ kind: "reused" });
    const waiting = stage.desk.claimSlot(wanted(3));
    await stage.pass(BOUNDS.leaseMsMax + BOUNDS.leaseSweepMs);
    expect(await waiting).toEqual({ kind: "yours" });
    await stage.desk.endSlot(wanted(3).request, true);
    expect(await stage.desk.claimSlot(wanted(4))).toEqual({ kind: "completed", request: wanted(3).request });
  });
});
