import { describe, expect, it } from "vitest";
import { Account } from "../../../src/gate/account.ts";
import { UNLIMITED } from "./fixtures.ts";

const DEMAND = { tokens: 100, amount: 50, month: 24_322, openedMs: 0 };
const ALL = { requestsPerMinute: 1, tokensPerMinute: 100, concurrency: 1, budgetPerMonth: 50 };

describe("Account", () => {
  it("fits each limit exactly, then names every one that is reached", () => {
    const account = new Account();
    expect(account.fits(DEMAND, ALL)).toBe(true);
    expect(account.refusals(DEMAND, ALL)).toEqual([]);
    account.take(DEMAND, ALL);
    expect(account.fits(DEMAND, ALL)).toBe(false);
    expect(account.refusals(DEMAND, ALL)).toEqual([
      { over: "requests", retryAfterMs: 61_000 },
      { over: "tokens", retryAfterMs: 61_000 },
      { over: "concurrency", retryAfterMs: 1_000 },
      { over: "budget", retryAfterMs: 1_000 },
    ]);
  });

  it("gives no hope under limits of 0, nor when the money is spent", () => {
    const none = { requestsPerMinute: 0, tokensPerMinute: 0, concurrency: 0, budgetPerMonth: 0 };
    const account = new Account();
    expect(account.refusals({ ...DEMAND, amount: 0 }, none).map(({ retryAfterMs }) => retryAfterMs)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    account.load(DEMAND.month, 1);
    expect(account.refusals(DEMAND, { ...UNLIMITED, budgetPerMonth: 50 })).toEqual([{ over: "budget", retryAfterMs: undefined }]);
  });

  it("lets pass a full token window what takes no tokens, but not a limit of 0", () => {
    const account = new Account();
    const limits = { ...UNLIMITED, tokensPerMinute: 100 };
    account.take({ ...DEMAND, tokens: 150 }, limits);
    const free = { ...DEMAND, tokens: 0 };
    expect([account.fits(free, limits), account.refusals(free, limits)]).toEqual([true, []]);
    expect(account.fits(free, { ...UNLIMITED, tokensPerMinute: 0 })).toBe(false);
  });

  it("counts only against limits that there are", () => {
    const stake = new Account().take(DEMAND, UNLIMITED);
    expect([stake.requests, stake.tokens]).toEqual([undefined, undefined]);
    expect(stake.account.inFlight).toBe(1);
    expect(stake.account.money(DEMAND.month)).toMatchObject({ spent: 0, held: 50 });
  });

  it("keeps months apart, the latest few of them", () => {
    const account = new Account();
    for (const month of [10, 11, 12, 13]) account.load(month, month);
    expect([10, 11, 12, 13].map((month) => account.money(month).spent)).toEqual([0, 11, 12, 13]);
  });

  it("may go when nothing is in flight, counted, held or spent in a month that matters", () => {
    const account = new Account();
    const stake = account.take(DEMAND, ALL);
    expect(account.tidy(1_000_000, 0)).toBe(false);
    account.leave();
    stake.total.held -= 50;
    expect(account.tidy(60_999, 0)).toBe(false);
    expect(account.tidy(61_000, 0)).toBe(true);
    account.load(20, 5);
    expect(account.tidy(61_000, 20)).toBe(false);
    expect(account.tidy(61_000, 21)).toBe(true);
  });
});
