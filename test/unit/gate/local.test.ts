import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { requestId } from "../../../src/domain/ids.ts";
import { LocalGate } from "../../../src/gate/local.ts";
import { gateContract } from "../../contract/gate.ts";
import { claimBy, HandClock, MemoryJournal, principalOf, settlementOf, START_MS, usageOf } from "./fixtures.ts";

gateContract("LocalGate", (journal, clock, { spent, granted }) => {
  const gate = new LocalGate(journal, clock, spent);
  gate.resume(granted);
  return gate;
});

function fresh() {
  const clock = new HandClock();
  const journal = new MemoryJournal();
  return { clock, journal, gate: new LocalGate(journal, clock, []) };
}

describe("LocalGate", () => {
  it("reserves before the journal is asked: a second claim in the same turn sees the first", async () => {
    const { gate } = fresh();
    const principal = principalOf({ key: { concurrency: 1 } });
    const [first, second] = await Promise.all([gate.open(claimBy(principal)), gate.open(claimBy(principal))]);
    expect([first.ok, second.ok]).toEqual([true, false]);
  });

  it("refuses a request that has a hold, and numbers that are no counts, before it changes anything", async () => {
    const { gate } = fresh();
    const principal = principalOf();
    const claim = claimBy(principal);
    await gate.open(claim);
    await expect(gate.open(claim)).rejects.toThrow(/has a hold/);
    for (const parts of [{ amount: -1 }, { amount: 0.5 }, { tokens: Number.NaN }])
      await expect(gate.open(claimBy(principal, parts))).rejects.toThrow(RangeError);
    expect(() => gate.settle(claim.request, settlementOf({ amount: Number.NaN }))).toThrow(RangeError);
    expect(gate.money("key", "key-1", START_MS)).toEqual({ spent: 0, held: 1_000 });
    expect(gate.settle(claim.request, settlementOf({ amount: 10 }))).toBe("settled");
    expect(gate.money("key", "key-1", START_MS)).toEqual({ spent: 10, held: 0 });
  });

  it("counts the money of every level, with a budget or without", async () => {
    const { gate } = fresh();
    const claim = claimBy(principalOf());
    await gate.open(claim);
    gate.settle(claim.request, settlementOf({ amount: 300 }));
    for (const scope of ["key", "project", "tenant", "msp"] as const) expect(gate.money(scope, `${scope}-1`, START_MS).spent).toBe(300);
    expect((await gate.open(claimBy(principalOf({ tenant: { budgetPerMonth: 1_299 } })))).ok).toBe(false);
  });

  it("takes back from a window only what was counted there", async () => {
    const { gate } = fresh();
    const claim = claimBy(principalOf());
    await gate.open(claim);
    const limited = principalOf({ key: { tokensPerMinute: 1_000 } });
    await gate.open(claimBy(limited));
    gate.settle(claim.request, settlementOf({ usage: usageOf(0, 0) }));
    expect(gate.windows(limited).tokens?.remaining).toBe(900);
  });

  it("keeps windows on the monotonic clock: setting the wall clock grants nothing", async () => {
    const { gate, clock } = fresh();
    const principal = principalOf({ key: { requestsPerMinute: 1 } });
    await gate.open(claimBy(principal));
    clock.setWall(START_MS + 3_600_000);
    expect((await gate.open(claimBy(principal, { atMs: clock.nowMs() }))).ok).toBe(false);
  });

  it("finds the month again after a wall clock that ran ahead", async () => {
    const { gate } = fresh();
    const principal = principalOf({ key: { budgetPerMonth: 1_000 } });
    for (const year of [2026, 2099]) {
      const claim = claimBy(principal, { atMs: Date.UTC(year, 10, 12) });
      expect((await gate.open(claim)).ok).toBe(true);
    }
    expect((await gate.open(claimBy(principal, { amount: 1 }))).ok).toBe(false);
  });

  it("holds no more requests than its bound", async () => {
    const written = Promise.resolve();
    const gate = new LocalGate({ append: () => undefined, durable: () => written }, new HandClock(), []);
    const claim = claimBy(principalOf());
    for (let count = 0; count < BOUNDS.holdsOpenMax; count += 1) void gate.open({ ...claim, request: requestId(String(count)) });
    await expect(gate.open(claim)).rejects.toMatchObject({ fault: "overloaded" });
    expect(gate.money("key", "key-1", START_MS).held).toBe(BOUNDS.holdsOpenMax * 1_000);
  });

  it("forgets scopes that no answer depends on: many keys cost little memory", async () => {
    const { gate, clock } = fresh();
    for (let count = 0; count < 5_000; count += 1) {
      const claim = claimBy(principalOf({ key: { requestsPerMinute: 5 } }, { key: `key-${count}` }), { amount: 0 });
      await gate.open(claim);
      gate.settle(claim.request, settlementOf({ amount: 0 }));
      clock.advance(1_000);
    }
    expect(gate.accountsKept).toBeLessThan(200);
  });

  it("forgets a scope whose money is of months gone by", async () => {
    const { gate, clock } = fresh();
    for (let count = 0; count < 600; count += 1) {
      const atMs = count < 300 ? START_MS : Date.UTC(2027, 1, 1);
      const claim = claimBy(principalOf({}, { key: `key-${count}` }), { atMs });
      await gate.open(claim);
      gate.settle(claim.request, settlementOf());
    }
    expect(gate.accountsKept).toBeLessThan(320);
    expect(gate.money("key", "key-599", Date.UTC(2027, 1, 1)).spent).toBe(1_000);
    expect(clock.timers).toBe(0);
  });

  it("forgets no scope that has a request in flight", async () => {
    const { gate, clock } = fresh();
    await gate.open(claimBy(principalOf(), { amount: 0 }));
    for (let count = 0; count < 100; count += 1) {
      clock.advance(1_000);
      await gate.open(claimBy(principalOf({ msp: { requestsPerMinute: 0 } }, { key: `key-${count}` })));
    }
    expect((await gate.open(claimBy(principalOf({ key: { concurrency: 1 } })))).ok).toBe(false);
  });

  it("has one timer for the marks of all requests", async () => {
    const { gate, clock } = fresh();
    for (let count = 0; count < 3; count += 1) {
      const claim = claimBy(principalOf());
      await gate.open(claim);
      gate.checkpoint(claim.request, usageOf(1, 1), 1);
    }
    expect(clock.timers).toBe(1);
  });

  it("ends a hold that was forgotten, at its last checkpoint, and not one that shows life", async () => {
    const { gate, clock, journal } = fresh();
    const principal = principalOf();
    const forgotten = claimBy(principal);
    const alive = claimBy(principal);
    await gate.open(forgotten);
    await gate.open(alive);
    gate.checkpoint(forgotten.request, usageOf(5, 6), 77);
    clock.advance(BOUNDS.totalMsMax);
    gate.checkpoint(alive.request, usageOf(1, 1), 1);
    clock.advance(BOUNDS.holdMsMax + 1);
    for (let count = 0; count < 8; count += 1)
      expect((await gate.open(claimBy(principalOf({ key: { requestsPerMinute: 0 } })))).ok).toBe(false);
    await journal.durable();
    expect(gate.holdsOpen).toBe(1);
    expect(journal.records.at(-1)).toMatchObject({ kind: "end", request: forgotten.request, outcome: "crashed", amount: 77 });
    expect(gate.settle(alive.request, settlementOf())).toBe("settled");
  });

  it("lets a request be settled while its hold is being written, and a failed write then gives nothing back twice", async () => {
    const { gate, journal } = fresh();
    journal.writeFails = true;
    const claim = claimBy(principalOf());
    const opening = gate.open(claim);
    expect(gate.settle(claim.request, settlementOf({ outcome: "abandoned", amount: 10 }))).toBe("settled");
    await expect(opening).rejects.toMatchObject({ fault: "ledger_unavailable" });
    expect(gate.money("key", "key-1", START_MS)).toEqual({ spent: 10, held: 0 });
  });

  it("leaves no timer behind when nothing is due", async () => {
    const { gate, clock } = fresh();
    const claim = claimBy(principalOf());
    await gate.open(claim);
    gate.checkpoint(claim.request, usageOf(1, 1), 1);
    gate.settle(claim.request, settlementOf());
    clock.advance(BOUNDS.checkpointMs);
    expect(clock.timers).toBe(0);
  });

  it("keeps no account for what is older than a minute, and none of a resumed minute once it is over", async () => {
    const { gate, clock } = fresh();
    const grant = { scope: "key", atMs: START_MS - 1_000, requests: 1, tokens: 1 } as const;
    gate.resume([
      { ...grant, id: "old", atMs: START_MS - 200_000 },
      { ...grant, id: "a" },
      { ...grant, id: "b" },
    ]);
    expect(gate.accountsKept).toBe(2);
    clock.advance(61_000);
    for (let count = 0; count < 20; count += 1) {
      const claim = claimBy(principalOf());
      await gate.open(claim);
      gate.settle(claim.request, settlementOf({ amount: 0 }));
    }
    expect(gate.accountsKept).toBeLessThanOrEqual(4);
  });

  it("refuses grants that are no counts", () => {
    expect(() => {
      fresh().gate.resume([{ scope: "key", id: "k", atMs: START_MS, requests: Number.NaN, tokens: 0 }]);
    }).toThrow(RangeError);
  });
});
