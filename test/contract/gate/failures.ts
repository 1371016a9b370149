/** What a gate does when its journal cannot write. */
import { expect, it } from "vitest";
import { claimBy, principalOf, settlementOf, START_MS, usageOf } from "../../unit/gate/fixtures.ts";
import { benchOf, pass, type MakeGate } from "./bench.ts";

export function failures(make: MakeGate): void {
  it.each(["appendFails", "writeFails"] as const)("gives everything back when the journal fails (%s)", async (failure) => {
    const { gate, journal } = benchOf(make);
    const principal = principalOf({ key: { requestsPerMinute: 1, tokensPerMinute: 100, concurrency: 1, budgetPerMonth: 1_000 } });
    const before = gate.windows(principal, START_MS);
    journal[failure] = true;
    const claim = claimBy(principal);
    await expect(gate.open(claim)).rejects.toMatchObject({ fault: "ledger_unavailable" });
    expect(gate.windows(principal, START_MS)).toEqual(before);
    expect(gate.settle(claim.request, settlementOf())).toBe("already");
    journal[failure] = false;
    expect((await gate.open(claimBy(principal))).ok).toBe(true);
  });

  it("writes a mark later when the journal failed", async () => {
    const { gate, journal, clock } = benchOf(make);
    const claim = claimBy(principalOf());
    await gate.open(claim);
    gate.checkpoint(claim.request, usageOf(40, 1), 10);
    journal.appendFails = true;
    await pass(clock);
    journal.appendFails = false;
    await pass(clock);
    await journal.durable();
    expect(journal.records.at(-1)).toMatchObject({ kind: "mark", amount: 10 });
  });

  it.each(["appendFails", "writeFails"] as const)("writes a settlement in the end when the journal failed (%s)", async (failure) => {
    const { gate, journal, clock } = benchOf(make);
    const claim = claimBy(principalOf());
    await gate.open(claim);
    journal[failure] = true;
    expect(gate.settle(claim.request, settlementOf())).toBe("settled");
    for (let period = 0; period < 3; period += 1) await pass(clock);
    expect(journal.records.filter(({ kind }) => kind === "end")).toHaveLength(0);
    journal[failure] = false;
    for (let period = 0; period < 3; period += 1) await pass(clock);
    expect(journal.records.filter(({ kind }) => kind === "end")).toHaveLength(1);
  });
}
