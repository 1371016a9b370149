/**
 * The gate of a single process: limits, budgets and holds in memory, durable through the journal. Everything that a claim asks is
 * answered and counted in one synchronous step, so no other claim can come between the question and the counting.
 */
import { Calendar, monthOfText } from "../admission/month.ts";
import { BOUNDS } from "../bounds.ts";
import type { RequestId } from "../domain/ids.ts";
import type { MicroUnits } from "../domain/money.ts";
import { tokensKept, type Usage } from "../domain/usage.ts";
import { Fault } from "../faults.ts";
import {
  SCOPES,
  type Admission,
  type Claim,
  type Clock,
  type Gate,
  type Granted,
  type Journal,
  type Orphan,
  type Payer,
  type Scope,
  type Settlement,
  type Spent,
  type Windows,
} from "../ports.ts";
import type { Account, Refusal, Stake } from "./account.ts";
import { Accounts } from "./accounts.ts";
import { Ends } from "./ends.ts";
import { endRecord, Hold, holdRecord } from "./hold.ts";
import { Marks } from "./marks.ts";
import { crashed } from "./recover.ts";
import { restored } from "./restore.ts";
import { Rounds } from "./rounds.ts";
import { tightest } from "./tightest.ts";

/** No request lives longer: a hold that has shown no life for so long was forgotten, and would block its key for ever. */
const LOST_MS = BOUNDS.totalMsMax + BOUNDS.holdMsMax;

/** Added to the clock, which may begin with the process: the minute before it has to lie after zero. Whole slots, so that none is moved. */
export const ORIGIN_MS = BOUNDS.windowMs + BOUNDS.windowSlotMs;

export class LocalGate implements Gate {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #accounts = new Accounts();
  readonly #calendar = new Calendar();
  readonly #holds = new Map<RequestId, Hold>();
  readonly #rounds = new Rounds(this.#holds);
  readonly #marks: Marks;
  readonly #ends: Ends;

  /** @param spent what the ledger knows; several entries for one scope and month add up */
  constructor(journal: Journal, clock: Clock, spent: readonly Spent[]) {
    this.#journal = journal;
    this.#clock = clock;
    this.#marks = new Marks(journal, clock);
    this.#ends = new Ends(journal, clock);
    for (const { scope, id, month, amount } of spent) this.#accounts.of(scope, id).load(monthOfText(month), counted(amount));
  }

  /** Goes on with the windows of the process before. Before the first claim, and once. */
  resume(granted: readonly Granted[]): void {
    const [nowMs, wallMs] = [this.#monotonicMs(), this.#clock.nowMs()];
    for (const { scope, id, atMs, requests, tokens } of granted.toSorted((one, other) => one.atMs - other.atMs)) {
      // What lies ahead of the clock was granted before somebody set it back.
      const ageMs = Math.max(0, wallMs - atMs);
      if (ageMs <= BOUNDS.windowMs) this.#accounts.of(scope, id).resume(nowMs - ageMs, counted(requests), counted(tokens));
    }
  }

  /** Takes up holds that an earlier life of this gate opened, whose requests may still run. After resume, before the first claim. */
  restore(orphans: readonly Orphan[]): void {
    const at = { accounts: this.#accounts, calendar: this.#calendar, nowMs: this.#monotonicMs(), wallMs: this.#clock.nowMs() };
    for (const orphan of orphans) this.#holds.set(orphan.hold.request, restored(orphan, at));
  }

  /** Settles what has shown no life for so long, at what it had used. Returns how many. */
  sweep(silentMs: number): number {
    const nowMs = this.#monotonicMs();
    let settled = 0;
    for (const hold of this.#holds.values()) if (nowMs - hold.seenMs >= silentMs && this.#settleLost(hold)) settled += 1;
    return settled;
  }

  async open(claim: Claim): Promise<Admission> {
    const nowMs = this.#monotonicMs();
    const hold = new Hold(claim, this.#calendar.monthOf(claim.atMs), nowMs);
    this.#keepHouse(hold.month, nowMs);
    this.#assertNew(hold);
    if (!this.#fits(hold, claim.principal)) return this.#refusal(hold, claim.principal);
    if (this.#holds.size >= BOUNDS.holdsOpenMax) throw new Fault("overloaded", { detail: "holdsOpenMax" });
    this.#take(hold, claim.principal);
    const windows = tightest(claim.principal, this.#accounts, nowMs);
    try {
      this.#journal.append(holdRecord(claim));
      await this.#journal.durable();
    } catch (cause) {
      this.#giveBack(hold);
      throw cause instanceof Fault ? cause : new Fault("ledger_unavailable", { cause });
    }
    return { ok: true, windows };
  }

  checkpoint(request: RequestId, usage: Usage, amount: MicroUnits): void {
    const hold = this.#holds.get(request);
    if (hold === undefined) return;
    hold.seenMs = this.#monotonicMs();
    const charge = Math.min(counted(amount), hold.amount);
    if (charge === hold.usedAmount && sameUsage(usage, hold.usedUsage)) return;
    hold.usedUsage = usage;
    hold.usedAmount = charge;
    this.#marks.note(hold);
  }

  settle(request: RequestId, settlement: Settlement): "settled" | "already" {
    const hold = this.#holds.get(request);
    if (hold === undefined) return "already";
    // The bounds of a claim cannot be passed; should a price be wrong, then not at the cost of a budget.
    const amount = Math.min(counted(settlement.amount), hold.amount);
    const tokens = counted(tokensKept(hold.tokens, settlement.outcome, settlement.usage));
    this.#close(hold);
    hold.release(this.#monotonicMs(), { amount, tokens });
    this.#ends.write(endRecord(request, settlement, amount));
    return "settled";
  }

  windows(principal: Payer): Windows {
    return tightest(principal, this.#accounts, this.#monotonicMs());
  }

  /** Requests admitted and not settled. */
  get holdsOpen(): number {
    return this.#holds.size;
  }

  /** Scopes that memory is spent on. */
  get accountsKept(): number {
    return this.#accounts.size;
  }

  /** Settlements that the journal has refused and is offered again. */
  get endsRefused(): number {
    return this.#ends.refused;
  }

  /** Money of one scope in the month of `atMs`: settled, and held by requests that run. */
  money(scope: Scope, id: string, atMs: number): { readonly spent: MicroUnits; readonly held: MicroUnits } {
    const { spent, held } = this.#accounts.see(scope, id).money(this.#calendar.monthOf(atMs));
    return { spent, held };
  }

  /** One scope's account, to be looked at and not counted on. */
  account(scope: Scope, id: string): Account {
    return this.#accounts.see(scope, id);
  }

  #monotonicMs(): number {
    return this.#clock.monotonicMs() + ORIGIN_MS;
  }

  #fits(hold: Hold, principal: Payer): boolean {
    for (const scope of SCOPES) {
      const { id, limits } = principal[scope];
      if (!this.#accounts.see(scope, id).fits(hold, limits)) return false;
    }
    return true;
  }

  #take(hold: Hold, principal: Payer): void {
    const stakes: Stake[] = [];
    for (const scope of SCOPES) stakes.push(this.#accounts.of(scope, principal[scope].id).take(hold, principal[scope].limits));
    hold.stakes = stakes;
    this.#holds.set(hold.request, hold);
  }

  /** Names the limit that takes longest to make room, so that one wait is enough; of equal ones the narrowest scope. */
  #refusal(hold: Hold, principal: Payer): Admission {
    let worst: (Refusal & { readonly scope: Scope }) | undefined;
    for (const scope of SCOPES) {
      const { id, limits } = principal[scope];
      for (const refusal of this.#accounts.see(scope, id).refusals(hold, limits)) {
        if (worst === undefined || waitOf(refusal) > waitOf(worst)) worst = { scope, ...refusal };
      }
    }
    if (worst === undefined) throw new Error("a claim was refused and no limit says so");
    const { scope, over, retryAfterMs } = worst;
    return { ok: false, scope, over, retryAfterMs, windows: tightest(principal, this.#accounts, hold.openedMs) };
  }

  /** As if the claim had never come. The caller may have settled meanwhile: then there is nothing to give back. */
  #giveBack(hold: Hold): void {
    if (this.#holds.get(hold.request) !== hold) return;
    this.#close(hold);
    hold.release(this.#monotonicMs(), undefined);
  }

  #close(hold: Hold): void {
    this.#holds.delete(hold.request);
    hold.unmarked = false;
  }

  /** A little with every opening, in place of a pause now and then. */
  #keepHouse(month: number, nowMs: number): void {
    this.#accounts.tick(nowMs, month - 1);
    this.#rounds.next((hold) => nowMs - hold.seenMs > LOST_MS && this.#settleLost(hold));
  }

  #settleLost(hold: Hold): boolean {
    const used = hold.usedAmount > 0 || hold.usedUsage.source !== "none" ? { usage: hold.usedUsage, amount: hold.usedAmount } : undefined;
    return this.settle(hold.request, crashed(used, this.#clock.nowMs())) === "settled";
  }

  #assertNew(hold: Hold): void {
    if (this.#holds.has(hold.request)) throw new Error(`request ${hold.request} has a hold already`);
    counted(hold.tokens);
    counted(hold.amount);
  }
}

/** A wrong number here would poison a budget for the rest of its month. @throws RangeError */
function counted(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a count: ${value}`);
  return value;
}

function waitOf({ retryAfterMs }: Refusal): number {
  return retryAfterMs ?? Number.POSITIVE_INFINITY;
}

function sameUsage(one: Usage, other: Usage): boolean {
  return (
    one.completionTokens === other.completionTokens &&
    one.promptTokens === other.promptTokens &&
    one.cachedTokens === other.cachedTokens &&
    one.source === other.source
  );
}
