import { describe, expect, it } from "vitest";
import { LeasedGate } from "../../../../src/gate/leases/leased-gate.ts";
import { LeaseOffice } from "../../../../src/gate/leases/office.ts";
import { admissions } from "../../../contract/gate/admissions.ts";
import { benchOf, refused, type MakeGate } from "../../../contract/gate/bench.ts";
import { budgets } from "../../../contract/gate/budgets.ts";
import { endings } from "../../../contract/gate/endings.ts";
import { failures } from "../../../contract/gate/failures.ts";
import { standings } from "../../../contract/gate/standings.ts";
import { claimBy, HandClock, MemoryJournal, principalOf, settlementOf, START_MS } from "../fixtures.ts";
import { Party } from "./fixtures.ts";

const make: MakeGate = (journal, clock, { spent, granted }) => {
  const office = new LeaseOffice(clock, spent, granted);
  const gate: LeasedGate = new LeasedGate(journal, clock, { ask: (wants) => lessor.ask(wants), give: (returns) => lessor.give(returns) });
  const lessor = office.join(1, gate);
  return gate;
};

// Restarts are the office's: a process has no past of its own.
describe("LeasedGate, alone, as a gate", () => {
  admissions(make);
  endings(make);
  budgets(make);
  standings(make);
  failures(make);
});

describe("a LeasedGate after a restart", () => {
  it("finds what was granted in the minute before, and spent", async () => {
    const past = { scope: "key" as const, id: "key-1", atMs: START_MS - 50_000, requests: 2, tokens: 300 };
    const { gate, clock } = benchOf(make, { granted: [past], spent: [{ scope: "msp", id: "msp-1", month: "2026-11", amount: 5_000 }] });
    const principal = principalOf({ key: { requestsPerMinute: 3, tokensPerMinute: 450 }, msp: { budgetPerMonth: 7_000 } });
    expect((await gate.open(claimBy(principal))).ok).toBe(true);
    expect(refused(await gate.open(claimBy(principal)))).toMatchObject({ scope: "key", over: "requests", retryAfterMs: 11_000 });
    clock.advance(11_000);
    expect((await gate.open(claimBy(principal))).ok).toBe(true);
    clock.advance(61_000);
    expect(refused(await gate.open(claimBy(principal)))).toMatchObject({ scope: "msp", over: "budget", retryAfterMs: 1_000 });
  });
});

describe("two LeasedGates", () => {
  it("admit a limit together, to the last request, and no more", async () => {
    const party = new Party(2);
    const principal = principalOf({ key: { requestsPerMinute: 101 } });
    let admitted = 0;
    for (let count = 0; count < 150; count += 1) if (await party.open(count % 2, principal)) admitted += 1;
    expect(admitted).toBe(101);
  });

  it("admit it from one of them alone, though the other had some", async () => {
    const party = new Party(2);
    const principal = principalOf({ key: { requestsPerMinute: 40 } });
    expect(await party.open(1, principal)).toBe(true);
    let admitted = 1;
    for (let count = 0; count < 60; count += 1) if (await party.open(0, principal)) admitted += 1;
    expect(admitted).toBe(40);
  });

  it("spend a budget together, to the last unit", async () => {
    const party = new Party(2);
    const principal = principalOf({ tenant: { budgetPerMonth: 10_500 } });
    for (let count = 0; count < 10; count += 1) expect(await party.open(count % 2, principal, 1_000)).toBe(true);
    expect(await party.open(0, principal, 1_000)).toBe(false);
    expect(await party.open(1, principal, 500)).toBe(true);
    expect(await party.open(0, principal, 1)).toBe(false);
  });

  it("share what one of them gives back", async () => {
    const party = new Party(2);
    const principal = principalOf({ key: { concurrency: 1, budgetPerMonth: 1_000 } });
    const claim = claimBy(principal);
    expect((await party.gate(0).open(claim)).ok).toBe(true);
    expect(await party.open(1, principal)).toBe(false);
    party.gate(0).settle(claim.request, settlementOf({ amount: 0 }));
    party.clock.advance(1_000);
    expect(await party.open(1, principal)).toBe(true);
  });

  it("hold a limit that is set while both have used what had none", async () => {
    const party = new Party(2);
    for (let count = 0; count < 6; count += 1) await party.open(count % 2, principalOf(), 1_000);
    const limited = principalOf({ key: { budgetPerMonth: 7_000 } });
    expect(await party.open(0, limited, 1_000)).toBe(true);
    expect(await party.open(1, limited, 1_000)).toBe(false);
  });

  it("hold a limit that is lowered while both have more", async () => {
    const party = new Party(2);
    const at = (requestsPerMinute: number) => principalOf({ key: { requestsPerMinute } });
    for (let count = 0; count < 20; count += 1) expect(await party.open(count % 2, at(100))).toBe(true);
    expect(await party.open(0, at(10))).toBe(false);
    expect(await party.open(1, at(10))).toBe(false);
    party.clock.advance(61_000);
    let admitted = 0;
    for (let count = 0; count < 30; count += 1) if (await party.open(count % 2, at(10))) admitted += 1;
    expect(admitted).toBe(10);
  });

  it("ask nobody while what they have is enough", async () => {
    const party = new Party(2);
    const principal = principalOf({ key: { requestsPerMinute: 100_000, tokensPerMinute: 10_000_000 }, msp: { budgetPerMonth: 1e12 } });
    for (let count = 0; count < 100; count += 1) expect(await party.open(count % 2, principal)).toBe(true);
    expect(party.asked).toBeLessThanOrEqual(4);
  });

  it("let what takes nothing pass where nothing is left", async () => {
    const party = new Party(2);
    const principal = principalOf({ key: { tokensPerMinute: 100, budgetPerMonth: 1_000 } });
    expect(await party.open(0, principal)).toBe(true);
    expect((await party.gate(1).open(claimBy(principal, { tokens: 0, amount: 0 }))).ok).toBe(true);
  });
});

describe("a LeasedGate without its lessor", () => {
  it("admits nothing more, and settles what runs", async () => {
    const party = new Party(1);
    const claim = claimBy(principalOf());
    await party.gate(0).open(claim);
    party.gate(0).end();
    await expect(party.gate(0).open(claimBy(principalOf()))).rejects.toMatchObject({ fault: "draining" });
    expect(party.gate(0).settle(claim.request, settlementOf())).toBe("settled");
  });

  it("says that it cannot account when nobody answers", async () => {
    const clock = new HandClock();
    const gate = new LeasedGate(new MemoryJournal(), clock, { ask: () => Promise.reject(new Error("gone")), give: () => undefined });
    await expect(gate.open(claimBy(principalOf({ key: { concurrency: 1 } })))).rejects.toThrow("gone");
    expect((await gate.open(claimBy(principalOf()))).ok).toBe(true);
  });
});
