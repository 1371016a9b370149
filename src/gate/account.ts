/** What one scope (a key, a project, a tenant, an MSP) has been granted: its minute, its requests in flight, its months. */
import { Window } from "../admission/window.ts";
import type { Month } from "../admission/month.ts";
import { BOUNDS } from "../bounds.ts";
import type { MicroUnits } from "../domain/money.ts";
import type { Limits } from "../domain/tenancy.ts";
import type { Admission } from "../ports.ts";

/** One claim as the accounts see it. */
export interface Demand {
  /** For the token window. */
  readonly tokens: number;
  readonly amount: MicroUnits;
  /** Whose budget pays. */
  readonly month: Month;
  /** Monotonic. */
  readonly openedMs: number;
}

/** Money of one month: sum of what was settled, sum of what open holds may still cost. */
export interface MonthTotal {
  readonly month: Month;
  spent: MicroUnits;
  held: MicroUnits;
}

/** What one hold has taken from one account: only what was counted is ever given back. */
export interface Stake {
  readonly account: Account;
  readonly total: MonthTotal;
  /** undefined: there was no such limit when the hold was opened. */
  readonly requests: Window | undefined;
  readonly tokens: Window | undefined;
}

export type Over = Extract<Admission, { ok: false }>["over"];

export interface Refusal {
  readonly over: Over;
  /** undefined: waiting does not help. */
  readonly retryAfterMs: number | undefined;
}

export class Account {
  #requests: Window | undefined;
  #tokens: Window | undefined;
  #inFlight = 0;
  /** The month that was asked for last comes first; never more than a few. */
  #months: readonly MonthTotal[] = [];

  /** True: every limit leaves room. Changes nothing. */
  fits(demand: Demand, limits: Limits): boolean {
    return (
      this.#fitsRequests(demand, limits) &&
      this.#fitsTokens(demand, limits) &&
      this.#fitsConcurrency(limits) &&
      this.#affords(demand, limits)
    );
  }

  /** Every limit that refuses this demand. */
  refusals(demand: Demand, limits: Limits): readonly Refusal[] {
    const refusals: Refusal[] = [];
    if (!this.#fitsRequests(demand, limits)) {
      refusals.push({ over: "requests", retryAfterMs: this.#requests?.retryAfterMs(demand.openedMs, 1, limits.requestsPerMinute ?? 0) });
    }
    if (!this.#fitsTokens(demand, limits)) {
      refusals.push({
        over: "tokens",
        retryAfterMs: this.#tokens?.retryAfterMs(demand.openedMs, demand.tokens, limits.tokensPerMinute ?? 0),
      });
    }
    if (!this.#fitsConcurrency(limits)) {
      refusals.push({ over: "concurrency", retryAfterMs: limits.concurrency === 0 ? undefined : BOUNDS.retryAfterDefaultMs });
    }
    if (!this.#affords(demand, limits)) {
      // Where only open holds stand in the way, what they give back may do.
      const hopeful = this.money(demand.month).spent + demand.amount <= (limits.budgetPerMonth ?? 0) && limits.budgetPerMonth !== 0;
      refusals.push({ over: "budget", retryAfterMs: hopeful ? BOUNDS.retryAfterDefaultMs : undefined });
    }
    return refusals;
  }

  /** Counts the demand against every limit. Cannot fail: `fits` has been asked in the same turn. */
  take(demand: Demand, limits: Limits): Stake {
    const requests = limits.requestsPerMinute === undefined ? undefined : (this.#requests ??= new Window());
    const tokens = limits.tokensPerMinute === undefined ? undefined : (this.#tokens ??= new Window());
    requests?.add(demand.openedMs, 1);
    tokens?.add(demand.openedMs, demand.tokens);
    this.#inFlight += 1;
    const total = this.#monthFor(demand.month);
    total.held += demand.amount;
    return { account: this, total, requests, tokens };
  }

  /** Goes on with a request that was admitted before; its minute is counted by `resume`. */
  rejoin({ month, amount }: Pick<Demand, "month" | "amount">): Stake {
    this.#inFlight += 1;
    const total = this.#monthFor(month);
    total.held += amount;
    return { account: this, total, requests: this.#requests, tokens: this.#tokens };
  }

  /** One request in flight less. */
  leave(): void {
    this.#inFlight -= 1;
  }

  /**
   * Counts what was granted at `openedMs`, earlier than anything that was asked of this account. Whether there are limits is not known here:
   * where there are none, the windows go with the first tidying after their minute.
   */
  resume(openedMs: number, requests: number, tokens: number): void {
    (this.#requests ??= new Window()).add(openedMs, requests);
    (this.#tokens ??= new Window()).add(openedMs, tokens);
  }

  /** Adds money that the ledger knows to be spent. */
  load(month: Month, amount: MicroUnits): void {
    this.#monthFor(month).spent += amount;
  }

  /** Money of a month; zero where nothing was held or spent. Changes nothing. */
  money(month: Month): { readonly spent: MicroUnits; readonly held: MicroUnits } {
    return this.#totalOf(month) ?? NO_MONEY;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get requests(): Window | undefined {
    return this.#requests;
  }

  get tokens(): Window | undefined {
    return this.#tokens;
  }

  /** Drops what no answer depends on any more. True: nothing is left, the account itself may go. */
  tidy(nowMs: number, oldestMonth: Month): boolean {
    if (this.#inFlight > 0) return false;
    if (this.#requests?.used(nowMs) === 0) this.#requests = undefined;
    if (this.#tokens?.used(nowMs) === 0) this.#tokens = undefined;
    if (this.#months.some((total) => !worthKeeping(total, oldestMonth)))
      this.#months = this.#months.filter((total) => worthKeeping(total, oldestMonth));
    return this.#requests === undefined && this.#tokens === undefined && this.#months.length === 0;
  }

  #fitsRequests({ openedMs }: Demand, { requestsPerMinute: limit }: Limits): boolean {
    if (limit === undefined) return true;
    return this.#requests === undefined ? limit > 0 : this.#requests.fits(openedMs, 1, limit);
  }

  /** What takes no tokens is not stopped by a window that has overrun; a limit of 0 stops everything. */
  #fitsTokens({ openedMs, tokens }: Demand, { tokensPerMinute: limit }: Limits): boolean {
    if (limit === undefined || (tokens === 0 && limit > 0)) return true;
    return this.#tokens === undefined ? limit > 0 && tokens <= limit : this.#tokens.fits(openedMs, tokens, limit);
  }

  #fitsConcurrency({ concurrency: limit }: Limits): boolean {
    return limit === undefined || this.#inFlight < limit;
  }

  /** What costs nothing is not stopped by money that is gone; a budget of 0 stops everything. */
  #affords({ amount, month }: Demand, { budgetPerMonth: budget }: Limits): boolean {
    if (budget === undefined) return true;
    if (budget <= 0 || amount === 0) return budget > 0;
    const { spent, held } = this.money(month);
    return spent + held + amount <= budget;
  }

  #totalOf(month: Month): MonthTotal | undefined {
    const first = this.#months[0];
    return first?.month === month ? first : this.#months.find((total) => total.month === month);
  }

  /** A wall clock that jumps ahead and returns must find the month it left: hence a few months, and the earliest goes first. */
  #monthFor(month: Month): MonthTotal {
    const first = this.#months[0];
    if (first?.month === month) return first;
    const total = this.#totalOf(month) ?? { month, spent: 0, held: 0 };
    const others = this.#months.filter((other) => other !== total).sort((one, other) => other.month - one.month);
    this.#months = [total, ...others.slice(0, BOUNDS.budgetMonthsMax - 1)];
    return total;
  }
}

const NO_MONEY = { spent: 0, held: 0 } as const;

function worthKeeping(total: MonthTotal, oldestMonth: Month): boolean {
  return total.month >= oldestMonth && (total.spent > 0 || total.held > 0);
}
