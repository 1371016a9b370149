/** How holds end, and what they leave behind. */
import { expect, it } from "vitest";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { claimBy, principalOf, settlementOf, START_MS, usageOf } from "../../unit/gate/fixtures.ts";
import { benchOf, type MakeGate } from "./bench.ts";

export function endings(make: MakeGate): void {
  it("settles once and says so", async () => {
    const { gate, journal, clock } = benchOf(make);
    const principal = principalOf({ key: { budgetPerMonth: 1_000 } });
    const claim = claimBy(principal);
    await gate.open(claim);
    expect(gate.settle(claim.request, settlementOf({ amount: 400 }))).toBe("settled");
    expect(gate.settle(claim.request, settlementOf({ amount: 1_000 }))).toBe("already");
    await gate.open(claimBy(principal, { amount: 600 }));
    clock.advance(5_000);
    const ends = journal.records.filter(({ kind }) => kind === "end");
    expect(ends).toEqual([{ kind: "end", request: claim.request, ...settlementOf({ amount: 400 }) }]);
  });

  it("knows no request that was never opened", () => {
    expect(benchOf(make).gate.settle(claimBy(principalOf()).request, settlementOf())).toBe("already");
  });

  it("never charges more than was held", async () => {
    const { gate, journal } = benchOf(make);
    const claim = claimBy(principalOf());
    await gate.open(claim);
    gate.settle(claim.request, settlementOf({ amount: 1_001 }));
    await journal.durable();
    expect(journal.records.at(-1)).toMatchObject({ kind: "end", amount: 1_000 });
  });

  it("gives unused tokens back, counts excess as a debt, and keeps the request counted", async () => {
    const { gate } = benchOf(make);
    const principal = principalOf({ key: { tokensPerMinute: 1_000, requestsPerMinute: 10 } });
    const thrifty = claimBy(principal);
    const lavish = claimBy(principal);
    await gate.open(thrifty);
    await gate.open(lavish);
    gate.settle(thrifty.request, settlementOf({ usage: usageOf(10, 20) }));
    expect(gate.windows(principal, START_MS).tokens?.remaining).toBe(870);
    gate.settle(lavish.request, settlementOf({ usage: usageOf(10, 1_200) }));
    expect(gate.windows(principal, START_MS)).toMatchObject({ tokens: { remaining: 0 }, requests: { remaining: 8 } });
  });

  it("keeps the tokens of a prompt counted whose caller left before the first output", async () => {
    const { gate } = benchOf(make);
    const principal = principalOf({ key: { tokensPerMinute: 1_000 } });
    const claim = claimBy(principal);
    await gate.open(claim);
    gate.settle(claim.request, settlementOf({ outcome: "abandoned", usage: NO_USAGE, amount: 0 }));
    expect(gate.windows(principal, START_MS).tokens?.remaining).toBe(900);
  });

  it("writes what a stream has used at most once a period, and only when it moved", async () => {
    const { gate, clock, journal } = benchOf(make);
    const claim = claimBy(principalOf());
    await gate.open(claim);
    for (let tokens = 1; tokens <= 30; tokens += 1) {
      gate.checkpoint(claim.request, usageOf(40, tokens), tokens * 10);
      clock.advance(100);
    }
    clock.advance(1_000);
    await journal.durable();
    const marks = journal.records.filter(({ kind }) => kind === "mark");
    expect(marks.length).toBeLessThanOrEqual(4);
    expect(marks.at(-1)).toEqual({ kind: "mark", request: claim.request, usage: usageOf(40, 30), amount: 300 });
    gate.checkpoint(claim.request, usageOf(40, 30), 300);
    clock.advance(2_000);
    await journal.durable();
    expect(journal.records.filter(({ kind }) => kind === "mark")).toHaveLength(marks.length);
  });

  it("marks no more than was held, and nothing after the end", async () => {
    const { gate, clock, journal } = benchOf(make);
    const running = claimBy(principalOf());
    const ended = claimBy(principalOf());
    for (const claim of [running, ended]) {
      await gate.open(claim);
      gate.checkpoint(claim.request, usageOf(40, 1), 1_001);
    }
    gate.settle(ended.request, settlementOf());
    gate.checkpoint(ended.request, usageOf(40, 2), 2);
    clock.advance(2_000);
    await journal.durable();
    const marks = journal.records.filter(({ kind }) => kind === "mark");
    expect(marks).toEqual([{ kind: "mark", request: running.request, usage: usageOf(40, 1), amount: 1_000 }]);
  });
}
