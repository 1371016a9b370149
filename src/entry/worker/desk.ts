/** The far end of the gate: one MSP's limits, budgets, holds and settlements, kept in the object's own SQLite and swept by its alarm. */
import { BOUNDS } from "../../bounds.ts";
import type { RequestId } from "../../domain/ids.ts";
import type { MicroUnits } from "../../domain/money.ts";
import type { Usage } from "../../domain/usage.ts";
import { Fault } from "../../faults.ts";
import type { DeskAnswer } from "../../gate/desk.ts";
import { LocalGate } from "../../gate/local.ts";
import type { Claim, Clock, Settlement } from "../../ports.ts";
import { Slots, type EndSlot, type Wanted } from "../../stages/slots.ts";
import { HandOver, type TakeSettlements } from "../../storage/object/hand-over.ts";
import { ObjectJournal } from "../../storage/object/journal.ts";
import type { ObjectSql } from "../../storage/object/sql.ts";
import { forgetOldMonths, readStanding } from "../../storage/object/standing.ts";
import type { MspDesk } from "./bindings.ts";
import type { SlotAnswer } from "./slots.ts";

export interface ObjectDeskParts {
  readonly sql: ObjectSql;
  readonly clock: Clock;
  readonly take: TakeSettlements;
  /** Wakes the object at this time, Unix milliseconds; a later wish replaces an earlier one. */
  readonly wakeAt: (atMs: number) => void;
  /** The shared tables could not be reached; it is tried again. */
  readonly failed: (cause: unknown) => void;
  /** For tests: how long a hold may show no life. */
  readonly leaseMs?: number;
}

interface Slot {
  readonly end: EndSlot;
  /** Monotonic. */
  readonly sinceMs: number;
}

export class ObjectDesk implements MspDesk {
  readonly #parts: ObjectDeskParts;
  readonly #leaseMs: number;
  readonly #journal: ObjectJournal;
  readonly #gate: LocalGate;
  readonly #handOver: HandOver;
  readonly #slots = new Slots(BOUNDS.isolateIdempotencyEntriesMax);
  readonly #running = new Map<RequestId, Slot>();
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(parts: ObjectDeskParts) {
    const { sql, clock, take } = parts;
    this.#parts = parts;
    this.#leaseMs = parts.leaseMs ?? BOUNDS.leaseMsMax;
    this.#journal = new ObjectJournal(sql);
    const nowMs = clock.nowMs();
    forgetOldMonths(sql, nowMs);
    const { spent, granted, orphans } = readStanding(sql, { fromMs: nowMs - BOUNDS.windowMs, nowMs });
    this.#gate = new LocalGate(this.#journal, clock, spent);
    this.#gate.resume(granted);
    // An object falls asleep and wakes while requests run: their holds go on, and each has its time to show life.
    this.#gate.restore(orphans);
    this.#handOver = new HandOver(sql, take);
    if (orphans.length > 0) this.#wakeIn(this.#sweepMs);
  }

  async open(claim: Claim): Promise<DeskAnswer> {
    try {
      const admission = await this.#gate.open(claim);
      if (admission.ok) this.#wakeIn(this.#sweepMs);
      return admission;
    } catch (thrown) {
      if (thrown instanceof Fault) return { fault: thrown.fault, detail: thrown.detail };
      throw thrown;
    }
  }

  mark(request: RequestId, usage: Usage, amount: MicroUnits): Promise<void> {
    this.#gate.checkpoint(request, usage, amount);
    return Promise.resolve();
  }

  settle(request: RequestId, settlement: Settlement): Promise<"settled" | "already"> {
    const done = this.#gate.settle(request, settlement);
    this.#wakeIn(BOUNDS.handOverMs);
    return Promise.resolve(done);
  }

  async claimSlot(wanted: Wanted): Promise<SlotAnswer> {
    const verdict = await this.#slots.claim(wanted);
    if (verdict.kind !== "yours") return verdict;
    this.#running.set(wanted.request, { end: verdict.end, sinceMs: this.#parts.clock.monotonicMs() });
    this.#wakeIn(this.#sweepMs);
    return { kind: "yours" };
  }

  endSlot(request: RequestId, carriedOut: boolean): Promise<void> {
    this.#running.get(request)?.end(carriedOut);
    this.#running.delete(request);
    return Promise.resolve();
  }

  handOver(): Promise<void> {
    return this.#handOver.run();
  }

  /** Settles what was forgotten, carries over what has ended, and says when to be woken again. */
  async woken(): Promise<void> {
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    this.#gate.sweep(this.#leaseMs);
    this.#endForgottenSlots();
    try {
      await this.#handOver.run();
    } catch (cause) {
      this.#parts.failed(cause);
      this.#wakeIn(BOUNDS.leaseSweepMs);
    }
    const idle = this.#handOver.tidy(this.#parts.clock.nowMs() - BOUNDS.windowMs - BOUNDS.windowSlotMs);
    if (this.#gate.holdsOpen > 0 || this.#running.size > 0) this.#wakeIn(this.#sweepMs);
    else if (!idle) this.#wakeIn(BOUNDS.windowMs);
  }

  /** Of a request that neither holds anything nor has said how it ended: it may be tried again. */
  #endForgottenSlots(): void {
    const untilMs = this.#parts.clock.monotonicMs() - this.#leaseMs;
    for (const [request, { sinceMs }] of this.#running)
      if (sinceMs <= untilMs && !this.#journal.isOpen(request)) void this.endSlot(request, false);
  }

  /** So that a lease that has run out is swept well within its time, a short one too. */
  get #sweepMs(): number {
    return Math.min(BOUNDS.leaseSweepMs, this.#leaseMs);
  }

  #wakeIn(ms: number): void {
    const atMs = this.#parts.clock.nowMs() + ms;
    if (atMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = atMs;
    this.#parts.wakeAt(atMs);
  }
}
