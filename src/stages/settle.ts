/** Last stage: exactly once, on every way out. What was used is judged, priced, and the hold closed. */
import type { Call } from "../domain/call.ts";
import type { MicroUnits } from "../domain/money.ts";
import { NO_USAGE, type Observed, type Outcome, type Usage } from "../domain/usage.ts";
import { judge } from "../metering/judge.ts";
import { amountOf } from "../metering/price.ts";
import type { World } from "../world.ts";
import type { Hold } from "./admit.ts";
import type { Delivery } from "./delivery.ts";
import type { Entered } from "./ingress.ts";
import type { Trace } from "./record.ts";

export interface Bill {
  readonly usage: Usage;
  readonly amount: MicroUnits;
  /** Names of the usage rules that had to correct the engine's count. */
  readonly anomalies: readonly string[];
}

/** U19: counting tokens is free, whatever the engine says of it. */
const FREE: Bill = { usage: NO_USAGE, amount: 0, anomalies: [] };

/** What an answer costs that ended so, or would cost if it ended now. */
export function billOf(call: Call, hold: Hold, seen: { readonly observed: Observed; readonly outcome: Outcome }): Bill {
  if (call.capability === "tokenize") return FREE;
  const { usage, anomalies } = judge(seen.observed, hold, seen.outcome);
  return { usage, amount: amountOf(usage, call.alias.price), anomalies };
}

export interface Account {
  readonly entered: Entered;
  readonly call: Call;
  readonly hold: Hold;
  readonly delivery: Delivery;
  readonly trace: Trace;
}

export function settle({ entered, call, hold, delivery, trace }: Account, world: Pick<World, "gate" | "clock">): Bill {
  const outcome = trace.ending?.outcome ?? "failed";
  const bill = billOf(call, hold, { observed: delivery.observed, outcome });
  const { firstByteAtMs } = delivery;
  world.gate.settle(entered.request, {
    outcome,
    usage: bill.usage,
    amount: bill.amount,
    backend: trace.backend?.id,
    status: delivery.started ? 200 : (trace.ending?.fault?.kind.status ?? (outcome === "abandoned" ? 499 : 500)),
    attempts: trace.attempts,
    firstByteMs: firstByteAtMs === undefined ? undefined : firstByteAtMs - entered.startedMs,
    durationMs: world.clock.monotonicMs() - entered.startedMs,
    atMs: world.clock.nowMs(),
  });
  return bill;
}
