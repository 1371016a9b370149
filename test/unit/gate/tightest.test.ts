import { describe, expect, it } from "vitest";
import { Accounts } from "../../../src/gate/accounts.ts";
import { tightest } from "../../../src/gate/tightest.ts";
import { principalOf } from "./fixtures.ts";

const DEMAND = { tokens: 30, amount: 0, month: 0, openedMs: 0 };

describe("tightest", () => {
  it("takes the level with the least left, for requests and tokens apart", () => {
    const accounts = new Accounts();
    const principal = principalOf({
      key: { requestsPerMinute: 5, tokensPerMinute: 90 },
      tenant: { requestsPerMinute: 6, tokensPerMinute: 80 },
    });
    const { limits, id } = principal.tenant;
    for (let count = 0; count < 2; count += 1) accounts.of("tenant", id).take(DEMAND, limits);
    expect(tightest(principal, accounts, 500)).toEqual({
      requests: { limit: 6, remaining: 4, resetMs: 60_500 },
      tokens: { limit: 80, remaining: 20, resetMs: 60_500 },
    });
  });

  it("shows a debt as nothing left, and a level without use as untouched", () => {
    const accounts = new Accounts();
    const principal = principalOf({ key: { tokensPerMinute: 20 }, project: { requestsPerMinute: 3 } });
    accounts.of("key", "key-1").take(DEMAND, principal.key.limits);
    expect(tightest(principal, accounts, 0)).toEqual({
      requests: { limit: 3, remaining: 3, resetMs: 0 },
      tokens: { limit: 20, remaining: 0, resetMs: 61_000 },
    });
  });

  it("leaves the MSP's limits out", () => {
    expect(tightest(principalOf({ msp: { requestsPerMinute: 1, tokensPerMinute: 1 } }), new Accounts(), 0)).toEqual({
      requests: undefined,
      tokens: undefined,
    });
  });
});
