/** Eighth stage: the bytes already pass (Attempt pushes them); here the request waits for their end and says what it was. */
import type { Outcome } from "../domain/usage.ts";
import type { Fault } from "../faults.ts";
import { errorFrame } from "../openai/errors.ts";
import type { Delivery } from "./delivery.ts";
import type { Dispatched } from "./dispatch.ts";

export interface Ending {
  readonly outcome: Exclude<Outcome, "crashed">;
  /** Why it failed; thrown to the caller only while nothing has gone out. */
  readonly fault: Fault | undefined;
}

export async function relay(dispatched: Dispatched, delivery: Delivery): Promise<Ending> {
  const { attempt, fault } = dispatched;
  if (fault !== undefined) return { outcome: delivery.gone ? "abandoned" : "failed", fault };
  if (attempt === undefined) return { outcome: "abandoned", fault: undefined };
  const end = await attempt.ended;
  if (end.kind !== "failed") return { outcome: end.kind, fault: undefined };
  const { reply } = attempt;
  delivery.breakOff(end.failure.fault, (told) => reply.brokenOff?.(told) ?? errorFrame(told));
  return { outcome: "failed", fault: end.failure.fault };
}
