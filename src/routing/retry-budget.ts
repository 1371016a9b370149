/** Keeps retries a fixed share of first attempts, so that a failing fleet is not buried under the retries of its own failures. */
import { BOUNDS } from "../bounds.ts";
import type { Clock } from "../ports.ts";
import { RollingCount } from "./rolling-count.ts";

const SLOTS = 10;

export class RetryBudget {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #first = new RollingCount(BOUNDS.retryBudgetWindowMs, SLOTS);
  readonly #retries = new RollingCount(BOUNDS.retryBudgetWindowMs, SLOTS);

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** A first attempt is sent: it earns a part of a retry. */
  deposit(): void {
    this.#first.add(this.#clock.monotonicMs());
  }

  /** Whether one retry may be sent now; true takes it from the budget. */
  withdraw(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const allowed = Math.max(BOUNDS.retryBudgetMin, this.#first.sum(nowMs) * BOUNDS.retryBudgetRatio);
    if (this.#retries.sum(nowMs) + 1 > allowed) return false;
    this.#retries.add(nowMs);
    return true;
  }
}
