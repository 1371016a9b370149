/**
 * The gate of one process among several: an ordinary gate over what is leased. While the lease is enough nobody is asked; what does not
 * fit makes the process ask for more before it refuses.
 */
import { Calendar, type Month } from "../../admission/month.ts";
import { BOUNDS } from "../../bounds.ts";
import type { RequestId } from "../../domain/ids.ts";
import type { MicroUnits } from "../../domain/money.ts";
import type { Usage } from "../../domain/usage.ts";
import { Fault } from "../../faults.ts";
import type { Admission, Claim, Clock, Gate, Journal, Payer, Settlement, Windows } from "../../ports.ts";
import { LocalGate } from "../local.ts";
import { Asking } from "./asking.ts";
import type { Holder, Lessor, Recall, Return } from "./lease.ts";
import { Slices, type Shortage } from "./slices.ts";
import { Standings } from "./standing.ts";
import { sharedWindows } from "./windows.ts";

export class LeasedGate implements Gate, Holder {
  readonly #local: LocalGate;
  readonly #lessor: Lessor;
  readonly #clock: Clock;
  readonly #calendar = new Calendar();
  readonly #standings: Standings;
  readonly #slices: Slices;
  readonly #asking: Asking;
  #void = false;

  constructor(journal: Journal, clock: Clock, lessor: Lessor) {
    // What was spent before is the lessor's to know: here only what this process spends.
    this.#local = new LocalGate(journal, clock, []);
    this.#lessor = lessor;
    this.#clock = clock;
    this.#standings = new Standings(this.#local, clock);
    this.#slices = new Slices(this.#standings);
    this.#asking = new Asking(lessor, this.#slices, clock);
  }

  async open(claim: Claim): Promise<Admission> {
    const month = this.#calendar.monthOf(claim.atMs);
    for (let round = 0; ; round += 1) {
      this.#assertLeased();
      const nowMs = this.#clock.monotonicMs();
      const principal = this.#slices.seen(claim.principal, month, nowMs);
      const admission = await this.#local.open({ ...claim, principal });
      if (admission.ok) return { ok: true, windows: this.#windows(claim.principal, month) };
      const shortages = this.#slices.shortages(claim, month);
      // None: what did not fit a moment ago would fit now.
      if (shortages.length === 0 && round < BOUNDS.sliceRoundsMax) continue;
      if (round >= BOUNDS.sliceRoundsMax || !(await this.#asking.more(shortages))) return this.#refusal(claim.principal, month, shortages);
      this.#tidy(nowMs);
    }
  }

  checkpoint(request: RequestId, usage: Usage, amount: MicroUnits): void {
    this.#local.checkpoint(request, usage, amount);
  }

  settle(request: RequestId, settlement: Settlement): "settled" | "already" {
    return this.#local.settle(request, settlement);
  }

  windows(payer: Payer, atMs: number): Windows {
    return this.#windows(payer, this.#calendar.monthOf(atMs));
  }

  recall(recalls: readonly Recall[]): Promise<readonly Return[]> {
    return Promise.resolve(this.#slices.recall(recalls));
  }

  /** Gives back what is not used: this process has done its last request. */
  leave(): void {
    this.end();
    this.#lessor.give(this.#slices.surrender());
  }

  /** The lessor is gone: what it has granted may already be somebody else's, so nothing is admitted any more. What runs settles. */
  end(): void {
    this.#void = true;
  }

  get holdsOpen(): number {
    return this.#local.holdsOpen;
  }

  #assertLeased(): void {
    if (this.#void) throw new Fault("draining");
  }

  #tidy(nowMs: number): void {
    const returns = this.#slices.tidy(nowMs);
    if (returns.length > 0) this.#lessor.give(returns);
  }

  #windows(payer: Payer, month: Month): Windows {
    return sharedWindows(this.#slices.seen(payer, month, this.#clock.monotonicMs()), this.#standings, month);
  }

  /** Names the limit that takes longest to make room; of equal ones the narrowest scope, as an ordinary gate does. */
  #refusal(payer: Payer, month: Month, shortages: readonly Shortage[]): Admission {
    let worst: Shortage | undefined;
    for (const shortage of shortages) if (worst === undefined || waitOf(shortage) > waitOf(worst)) worst = shortage;
    if (worst === undefined) throw new Fault("overloaded", { detail: "sliceRoundsMax" });
    const waitMs = waitOf(worst);
    const retryAfterMs = Number.isFinite(waitMs) ? waitMs : undefined;
    return { ok: false, scope: worst.slice.scope, over: worst.resource, retryAfterMs, windows: this.#windows(payer, month) };
  }
}

/** Of a limit that is not short of what was told last nothing is known: asking again soon is right. */
function waitOf({ lease }: Shortage): number {
  if (lease === undefined) return Number.POSITIVE_INFINITY;
  if (lease.refusedUntilMs === 0) return BOUNDS.retryAfterDefaultMs;
  return lease.waitMs ?? Number.POSITIVE_INFINITY;
}
