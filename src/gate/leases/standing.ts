/** Where this process stands with each scope: what it has taken of its limits, and when some of that comes free. */
import type { Month } from "../../admission/month.ts";
import type { Clock, Scope } from "../../ports.ts";
import { ORIGIN_MS, type LocalGate } from "../local.ts";
import type { Resource } from "./lease.ts";

/** What one scope has taken of each of its limits. */
export interface Standing extends Readonly<Record<Resource, number>> {
  /** Of the budget, what requests that run hold and may give back. */
  readonly held: number;
}

export interface Scoped {
  readonly scope: Scope;
  readonly id: string;
}

type Windowed = "requests" | "tokens";

export class Standings {
  readonly #gate: Pick<LocalGate, "account">;
  readonly #clock: Pick<Clock, "monotonicMs">;

  constructor(gate: Pick<LocalGate, "account">, clock: Pick<Clock, "monotonicMs">) {
    this.#gate = gate;
    this.#clock = clock;
  }

  of({ scope, id }: Scoped, month: Month): Standing {
    const account = this.#gate.account(scope, id);
    const nowMs = this.#nowMs();
    const { spent, held } = account.money(month);
    return {
      requests: account.requests?.used(nowMs) ?? 0,
      tokens: account.tokens?.used(nowMs) ?? 0,
      concurrency: account.inFlight,
      budget: spent + held,
      held,
    };
  }

  /** Milliseconds until `amount` of what counts now counts no more; undefined: so much does not. */
  freesMs({ scope, id }: Scoped, over: Windowed, amount: number): number | undefined {
    const window = this.#gate.account(scope, id)[over];
    const nowMs = this.#nowMs();
    return window?.retryAfterMs(nowMs, amount, window.used(nowMs));
  }

  /** Milliseconds until nothing counts any more. */
  resetMs({ scope, id }: Scoped, over: Windowed): number {
    return this.#gate.account(scope, id)[over]?.resetMs(this.#nowMs()) ?? 0;
  }

  #nowMs(): number {
    return this.#clock.monotonicMs() + ORIGIN_MS;
  }
}
