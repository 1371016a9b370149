import { describe, expect, it } from "vitest";
import { Account } from "../../../src/gate/account.ts";
import { endRecord, Hold, holdRecord, markRecord } from "../../../src/gate/hold.ts";
import { claimBy, principalOf, settlementOf, usageOf } from "./fixtures.ts";

const LIMITS = { requestsPerMinute: 10, tokensPerMinute: 1_000, concurrency: 5, budgetPerMonth: 9_000 };

function taken() {
  const claim = claimBy(principalOf());
  const hold = new Hold(claim, 100, 0);
  const accounts = [new Account(), new Account()];
  hold.stakes = accounts.map((account) => account.take(hold, LIMITS));
  return { claim, hold, accounts };
}

describe("Hold", () => {
  it("turns into a charge on every level, and the request stays counted", () => {
    const { hold, accounts } = taken();
    hold.release(5_000, { amount: 300, tokens: 40 });
    for (const account of accounts) {
      expect(account.money(100)).toMatchObject({ spent: 300, held: 0 });
      expect([account.inFlight, account.tokens?.used(5_000), account.requests?.used(5_000)]).toEqual([0, 40, 1]);
    }
  });

  it("leaves no trace when it is given back", () => {
    const { hold, accounts } = taken();
    hold.release(0, undefined);
    for (const account of accounts) {
      expect(account.money(100)).toMatchObject({ spent: 0, held: 0 });
      expect([account.inFlight, account.tokens?.used(0), account.requests?.used(0)]).toEqual([0, 0, 0]);
    }
  });
});

describe("records", () => {
  it("name everything that a settlement after a crash needs", () => {
    const { claim, hold } = taken();
    expect(holdRecord(claim)).toEqual({
      kind: "hold",
      request: claim.request,
      key: "key-1",
      project: "project-1",
      tenant: "tenant-1",
      msp: "msp-1",
      model: claim.model,
      alias: "small",
      capability: "chat",
      tokens: 100,
      amount: 1_000,
      currency: "EUR",
      priceVersion: "2026-11",
      atMs: claim.atMs,
    });
    hold.usedUsage = usageOf(1, 2);
    hold.usedAmount = 3;
    expect(markRecord(hold)).toEqual({ kind: "mark", request: claim.request, usage: usageOf(1, 2), amount: 3 });
    expect(endRecord(claim.request, settlementOf({ amount: 9 }), 7)).toEqual({
      ...settlementOf(),
      kind: "end",
      request: claim.request,
      amount: 7,
    });
  });
});
