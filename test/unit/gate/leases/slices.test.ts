import { describe, expect, it } from "vitest";
import { monthOfText } from "../../../../src/admission/month.ts";
import { Asking } from "../../../../src/gate/leases/asking.ts";
import { nameOf, type Want } from "../../../../src/gate/leases/lease.ts";
import { Slice } from "../../../../src/gate/leases/slice.ts";
import { Slices } from "../../../../src/gate/leases/slices.ts";
import { Standings } from "../../../../src/gate/leases/standing.ts";
import { sharedWindows } from "../../../../src/gate/leases/windows.ts";
import { LocalGate } from "../../../../src/gate/local.ts";
import { claimBy, HandClock, MemoryJournal, principalOf, UNLIMITED } from "../fixtures.ts";

const NOVEMBER = monthOfText("2026-11");
const named = (resource: "requests" | "budget", month = 0): string => nameOf({ resource, scope: "key", id: "key-1", month });

function fresh() {
  const clock = new HandClock();
  const gate = new LocalGate(new MemoryJournal(), clock, []);
  const standings = new Standings(gate, clock);
  return { clock, gate, standings, slices: new Slices(standings) };
}

describe("a slice", () => {
  it("shows leases as limits: none without a limit, 0 for one of 0", () => {
    const slice = new Slice("key", "key-1");
    slice.adopt({ ...UNLIMITED, requestsPerMinute: 5, concurrency: 0, budgetPerMonth: 100 }, NOVEMBER);
    expect([slice.requestsPerMinute, slice.tokensPerMinute, slice.concurrency, slice.budgetPerMonth]).toEqual([0, undefined, 0, 0.5]);
    const lease = slice.leaseOf("requests");
    if (lease === undefined) throw new Error("there is a limit");
    slice.granted(lease, { amount: 3, left: 2 });
    expect([slice.requestsPerMinute, lease.left]).toEqual([3, 2]);
  });

  it("has a budget for each month", () => {
    const slice = new Slice("key", "key-1");
    const limits = { ...UNLIMITED, budgetPerMonth: 100 };
    slice.adopt(limits, NOVEMBER);
    const lease = slice.leaseOf("budget");
    if (lease === undefined) throw new Error("there is a limit");
    slice.granted(lease, { amount: 60, left: 40 });
    slice.adopt(limits, NOVEMBER + 1);
    expect(slice.budgetPerMonth).toBe(0.5);
    slice.adopt(limits, NOVEMBER);
    expect(slice.budgetPerMonth).toBe(60.5);
  });

  it("lets nothing more pass under a limit that has changed before something is granted under it", () => {
    const slice = new Slice("key", "key-1");
    slice.adopt({ ...UNLIMITED, requestsPerMinute: 5 }, NOVEMBER);
    const lease = slice.leaseOf("requests");
    if (lease === undefined) throw new Error("there is a limit");
    slice.granted(lease, { amount: 3, left: 2 });
    slice.adopt({ ...UNLIMITED, requestsPerMinute: 4 }, NOVEMBER);
    expect(slice.requestsPerMinute).toBe(0);
    slice.granted(lease, { amount: 1, left: 0 });
    expect(slice.requestsPerMinute).toBe(4);
  });
});

describe("slices", () => {
  it("tell of what was used without a limit, once", async () => {
    const { gate, slices } = fresh();
    await gate.open(claimBy(principalOf(), { amount: 70 }));
    const recall = [{ name: named("budget", NOVEMBER), need: 1 }];
    expect(slices.recall(recall)).toEqual([{ name: named("budget", NOVEMBER), freed: -70, held: 70 }]);
    expect(slices.recall(recall)).toEqual([{ name: named("budget", NOVEMBER), freed: 0, held: 70 }]);
    expect(slices.recall([{ name: named("requests"), need: 1 }])).toEqual([{ name: named("requests"), freed: 0, held: 0 }]);
  });

  it("give back and forget what nobody has used for two windows", () => {
    const { clock, slices } = fresh();
    const principal = principalOf({ key: { requestsPerMinute: 5 } });
    const seen = slices.seen(principal, NOVEMBER, clock.monotonicMs());
    expect(slices.seen(principal, NOVEMBER, clock.monotonicMs())).toBe(seen);
    const slice = seen.key.limits;
    const lease = slice instanceof Slice ? slice.leaseOf("requests") : undefined;
    if (!(slice instanceof Slice) || lease === undefined) throw new Error("there is a limit");
    slice.granted(lease, { amount: 3, left: 2 });
    expect(slices.kept).toBe(4);
    clock.advance(121_000);
    const returned = Array.from({ length: 12 }, () => slices.tidy(clock.monotonicMs())).flat();
    expect(returned).toEqual([{ name: named("requests"), freed: 3, held: 0 }]);
    expect(slices.kept).toBe(0);
    expect(slices.seen(principal, NOVEMBER, clock.monotonicMs())).not.toBe(seen);
  });

  it("give back everything when the process leaves", () => {
    const { slices } = fresh();
    const { limits } = slices.seen(principalOf({ key: { requestsPerMinute: 5 } }), NOVEMBER, 0).key;
    const lease = limits instanceof Slice ? limits.leaseOf("requests") : undefined;
    if (!(limits instanceof Slice) || lease === undefined) throw new Error("there is a limit");
    limits.granted(lease, { amount: 3, left: 2 });
    expect(slices.surrender()).toEqual([{ name: named("requests"), freed: 3, held: 0 }]);
  });

  it("show what is left here and what nobody has", () => {
    const { slices, standings } = fresh();
    const seen = slices.seen(principalOf({ key: { requestsPerMinute: 5 } }), NOVEMBER, 0);
    expect(sharedWindows(seen, standings, NOVEMBER)).toEqual({ requests: { limit: 5, remaining: 5, resetMs: 0 }, tokens: undefined });
    expect(sharedWindows(principalOf(), standings, NOVEMBER)).toEqual({ requests: undefined, tokens: undefined });
  });
});

describe("asking", () => {
  it("puts one question for all that a turn lacks, and none again at once where nobody has enough", async () => {
    const { clock, slices } = fresh();
    const asked: (readonly Want[])[] = [];
    const lessor = {
      ask: (wants: readonly Want[]) => {
        asked.push(wants);
        return Promise.resolve(wants.map(() => ({ amount: 0, left: 1, waitMs: 30 })));
      },
      give: () => undefined,
    };
    const asking = new Asking(lessor, slices, clock);
    const principal = principalOf({ key: { budgetPerMonth: 100 } });
    slices.seen(principal, NOVEMBER, 0);
    const short = (amount: number) => slices.shortages(claimBy(principal, { amount }), NOVEMBER);
    expect(await Promise.all([asking.more(short(20)), asking.more(short(10))])).toEqual([true, true]);
    expect(asked).toEqual([[{ name: named("budget", NOVEMBER), limit: 100, need: 10, want: 30, over: 0, held: 0 }]]);
    expect(await asking.more(short(10))).toBe(false);
    expect(await asking.more(short(101))).toBe(false);
    clock.advance(31);
    expect(await asking.more(short(10))).toBe(true);
    expect(asked).toHaveLength(2);
  });
});
