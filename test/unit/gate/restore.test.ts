import { describe, expect, it } from "vitest";
import { LocalGate } from "../../../src/gate/local.ts";
import { SCOPES } from "../../../src/ports.ts";
import { claimBy, HandClock, MemoryJournal, orphansIn, principalOf, settlementOf, START_MS, usageOf } from "./fixtures.ts";

/** A gate that opened some claims, and another that takes its place while their requests run. */
async function taken(limits: Parameters<typeof principalOf>[0]) {
  const [clock, journal] = [new HandClock(), new MemoryJournal()];
  const before = new LocalGate(journal, clock, []);
  const principal = principalOf(limits);
  const claim = claimBy(principal, { atMs: START_MS });
  await before.open(claim);
  before.checkpoint(claim.request, usageOf(3, 4), 20);
  clock.advance(1_000);
  await journal.durable();
  const after = new LocalGate(journal, clock, []);
  const orphans = orphansIn(journal.records);
  after.resume(
    orphans.flatMap(({ hold }) => SCOPES.map((scope) => ({ scope, id: hold[scope], atMs: hold.atMs, requests: 1, tokens: hold.tokens }))),
  );
  after.restore(orphans);
  return { after, principal, claim, clock, journal };
}

describe("restored", () => {
  it("holds go on: in flight, reserved, and ended by their own settlement", async () => {
    const { after, principal, claim } = await taken({ key: { concurrency: 1, budgetPerMonth: 1_500 } });
    expect([after.holdsOpen, after.money("key", "key-1", START_MS)]).toEqual([1, { spent: 0, held: 1_000 }]);
    expect(await after.open(claimBy(principal, { atMs: START_MS }))).toMatchObject({ ok: false });
    expect(after.settle(claim.request, settlementOf({ amount: 400 }))).toBe("settled");
    expect(after.money("key", "key-1", START_MS)).toEqual({ spent: 400, held: 0 });
    expect(await after.open(claimBy(principal, { atMs: START_MS }))).toMatchObject({ ok: true });
  });

  it("what they give back goes to the window that they took it from", async () => {
    const { after, principal, claim } = await taken({ key: { tokensPerMinute: 1_000 } });
    after.settle(claim.request, settlementOf({ usage: usageOf(0, 30) }));
    expect(after.windows(principal).tokens?.remaining).toBe(970);
  });

  it("are swept at their last mark when they show no life, and only then", async () => {
    const { after, claim, clock, journal } = await taken({});
    clock.advance(9_999);
    expect(after.sweep(10_000)).toBe(0);
    clock.advance(1);
    expect([after.sweep(10_000), after.holdsOpen]).toEqual([1, 0]);
    await Promise.resolve();
    await new Promise((resolve) => void setTimeout(resolve, 0));
    expect(journal.records.at(-1)).toMatchObject({ kind: "end", request: claim.request, outcome: "crashed", amount: 20 });
  });
});
