/** One limit as the granting process knows it: what is gone, what each process has leased of it, and what is left. */
import { Window } from "../../admission/window.ts";
import { BOUNDS } from "../../bounds.ts";
import type { Resource } from "./lease.ts";

/** A lane is the place of one process; the processes that follow each other in it share its number. */
export type Lane = number;

export class Pot {
  readonly resource: Resource;
  /** As the process that asked last knows it. */
  limit: number;
  /** Everybody has been asked once what they had used before there was a limit. */
  polled = false;
  readonly #leased = new Map<Lane, number>();
  #leasedSum = 0;
  /** What nobody leases and yet counts: the minute before a start or a death. */
  #past: Window | undefined;

  constructor(resource: Resource, limit: number) {
    this.resource = resource;
    this.limit = limit;
  }

  /** What can be leased; below 0 after the limit was lowered. @param spent what is settled for good */
  left(nowMs: number, spent: number): number {
    return this.limit - spent - this.#leasedSum - (this.#past?.used(nowMs) ?? 0);
  }

  leasedBy(lane: Lane): number {
    return this.#leased.get(lane) ?? 0;
  }

  /** @param amount below 0: given back, never more than there is */
  lease(lane: Lane, amount: number): void {
    const before = this.leasedBy(lane);
    const after = Math.max(0, before + amount);
    if (after === 0) this.#leased.delete(lane);
    else this.#leased.set(lane, after);
    this.#leasedSum += after - before;
  }

  /** A process is gone. What it may have admitted within this minute counts for another one; its requests in flight are no more. */
  bury(lane: Lane, nowMs: number): void {
    const leased = this.leasedBy(lane);
    this.lease(lane, -leased);
    if (this.resource === "requests" || this.resource === "tokens") this.remember(nowMs, leased);
  }

  /** Counts what was granted at `atMs`, not earlier than anything remembered before. */
  remember(atMs: number, amount: number): void {
    if (amount > 0) (this.#past ??= new Window()).add(atMs, amount);
  }

  /** Milliseconds until some of the past is forgotten; undefined: there is none. */
  pastWaitMs(nowMs: number, need: number): number | undefined {
    const used = this.#past?.used(nowMs) ?? 0;
    return used === 0 ? undefined : this.#past?.retryAfterMs(nowMs, Math.min(need, used), used);
  }

  /** Nothing depends on it any more. */
  idle(nowMs: number): boolean {
    return this.#leased.size === 0 && (this.#past?.used(nowMs) ?? 0) === 0;
  }
}

/** What one grant may take at most beyond what is needed now: half of an even share of what is left, so that the others find some too. */
export function generous(left: number, lanes: number): number {
  return Math.floor(left / (Math.max(1, lanes) * BOUNDS.sliceShareDivisor));
}
