/** First stage: the head alone. Which brand is this, and what do we call the request. */
import type { RequestId } from "../domain/ids.ts";
import type { Msp } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import type { Arrival } from "../ports.ts";
import { mspOf, type Estate, type World } from "../world.ts";

/** A request that has a name, a brand and a beginning. */
export interface Entered {
  readonly request: RequestId;
  readonly msp: Msp;
  /** What was declared when the request came in; it keeps this, the law aside. */
  readonly estate: Estate;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** Monotonic. */
  readonly startedMs: number;
}

/** @throws Fault unknown_host, draining */
export function ingress(arrival: Arrival, request: RequestId, world: World): Entered {
  if (world.draining()) throw new Fault("draining", { retryAfterMs: 1_000, headers: { connection: "close" } });
  const estate = world.estate();
  const msp = mspOf(arrival, estate);
  if (msp === undefined) throw new Fault("unknown_host");
  return { request, msp, estate, atMs: world.clock.nowMs(), startedMs: world.clock.monotonicMs() };
}
