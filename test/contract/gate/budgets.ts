/** Money: not one micro-unit too much, in the right month. */
import { expect, it } from "vitest";
import type { Spent } from "../../../src/ports.ts";
import { claimBy, principalOf, settlementOf } from "../../unit/gate/fixtures.ts";
import { benchOf, refused, type MakeGate } from "./bench.ts";

export function budgets(make: MakeGate): void {
  it("counts what the ledger knows, and adds several entries up", async () => {
    const spent: Spent[] = [700, 200].map((amount) => ({ scope: "tenant", id: "tenant-1", month: "2026-11", amount }));
    const { gate } = benchOf(make, { spent });
    const principal = principalOf({ tenant: { budgetPerMonth: 1_000 } });
    expect((await gate.open(claimBy(principal, { amount: 101 }))).ok).toBe(false);
    expect((await gate.open(claimBy(principal, { amount: 100 }))).ok).toBe(true);
  });

  it("does not stop what costs nothing when the budget is spent", async () => {
    const { gate } = benchOf(make, { spent: [{ scope: "key", id: "key-1", month: "2026-11", amount: 3_000 }] });
    const principal = principalOf({ key: { budgetPerMonth: 1_000 } });
    expect(refused(await gate.open(claimBy(principal, { amount: 1 }))).retryAfterMs).toBeUndefined();
    expect((await gate.open(claimBy(principal, { amount: 0 }))).ok).toBe(true);
  });

  it("admits not one micro-unit too much of a thousand claims at once", async () => {
    const { gate } = benchOf(make, { spent: [{ scope: "msp", id: "msp-1", month: "2026-11", amount: 9_500 }] });
    const principal = principalOf({ msp: { budgetPerMonth: 10_000 } });
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => gate.open(claimBy(principal, { amount: 7 }))));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(71);
  });

  it("starts anew at midnight UTC of the first, and books a hold where it was opened", async () => {
    const { gate } = benchOf(make);
    const principal = principalOf({ key: { budgetPerMonth: 1_000 } });
    const lastMs = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
    const november = claimBy(principal, { atMs: lastMs });
    expect((await gate.open(november)).ok).toBe(true);
    expect((await gate.open(claimBy(principal, { atMs: lastMs }))).ok).toBe(false);
    const december = claimBy(principal, { atMs: lastMs + 1 });
    expect((await gate.open(december)).ok).toBe(true);
    gate.settle(november.request, settlementOf({ amount: 900, atMs: lastMs + 5 }));
    expect((await gate.open(claimBy(principal, { atMs: lastMs + 1, amount: 1 }))).ok).toBe(false);
    gate.settle(december.request, settlementOf({ amount: 0 }));
    expect((await gate.open(claimBy(principal, { atMs: lastMs + 1, amount: 1_000 }))).ok).toBe(true);
    expect((await gate.open(claimBy(principal, { atMs: lastMs, amount: 101 }))).ok).toBe(false);
  });
}
