import { describe, expect, it } from "vitest";
import { Accounts } from "../../../src/gate/accounts.ts";

describe("Accounts", () => {
  it("creates an account to count on, and none by looking", () => {
    const accounts = new Accounts();
    expect(accounts.see("key", "a").inFlight).toBe(0);
    expect(accounts.size).toBe(0);
    const account = accounts.of("key", "a");
    expect(accounts.of("key", "a")).toBe(account);
    expect(accounts.see("key", "a")).toBe(account);
  });

  it("keeps scopes apart that have the same id", () => {
    const accounts = new Accounts();
    expect(accounts.of("tenant", "a")).not.toBe(accounts.of("project", "a"));
  });

  it("drops idle accounts faster than new ones come, and those that matter never", () => {
    const accounts = new Accounts();
    accounts.of("key", "spent").load(100, 7);
    for (let count = 0; count < 1_000; count += 1) accounts.of("key", String(count));
    expect(accounts.size).toBeLessThan(10);
    for (let count = 0; count < 100; count += 1) accounts.tick(0, 100);
    expect(accounts.size).toBe(1);
    expect(accounts.see("key", "spent").money(100).spent).toBe(7);
  });
});
