import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { RetryBudget } from "../../../src/routing/retry-budget.ts";
import { StandingClock } from "./planted.ts";

function withdrawAll(budget: RetryBudget): number {
  let taken = 0;
  while (budget.withdraw()) taken += 1;
  return taken;
}

describe("RetryBudget", () => {
  it("grants the floor without any traffic, and no more", () => {
    expect(withdrawAll(new RetryBudget(new StandingClock()))).toBe(BOUNDS.retryBudgetMin);
  });

  it("grants a share of the first attempts once that is more than the floor", () => {
    const budget = new RetryBudget(new StandingClock());
    for (let i = 0; i < 500; i++) budget.deposit();
    expect(withdrawAll(budget)).toBe(500 * BOUNDS.retryBudgetRatio);
  });

  it("grants again when the window has passed", () => {
    const clock = new StandingClock();
    const budget = new RetryBudget(clock);
    withdrawAll(budget);
    clock.ms = BOUNDS.retryBudgetWindowMs - 1;
    expect(budget.withdraw()).toBe(false);
    clock.ms = BOUNDS.retryBudgetWindowMs;
    expect(withdrawAll(budget)).toBe(BOUNDS.retryBudgetMin);
  });
});
