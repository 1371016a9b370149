/**
 * Grants leases: the one place where a limit is one number while several processes use it. What all hold together with what is gone never
 * exceeds the limit, so each may check its own lease alone, at the moment of the send, without asking anybody.
 */
import { monthOfText, type Month } from "../../admission/month.ts";
import { BOUNDS } from "../../bounds.ts";
import type { Clock, Granted, Spent } from "../../ports.ts";
import { Rounds } from "../rounds.ts";
import { nameOf, namedBy, type Grant, type Holder, type Lessor, type Named, type Recall, type Return, type Want } from "./lease.ts";
import { generous, Pot, type Lane } from "./pot.ts";

/** The minute before a start has to lie after the clock's zero. Whole slots, so that none is moved. */
const ORIGIN_MS = BOUNDS.windowMs + BOUNDS.windowSlotMs;

/** What a recall has found out about one limit. */
interface Findings {
  held: number;
  waitMs: number | undefined;
}

export class LeaseOffice {
  readonly #clock: Clock;
  readonly #pots = new Map<string, Pot>();
  readonly #rounds = new Rounds(this.#pots);
  readonly #holders = new Map<Lane, Holder>();
  /** Settled money by name, of everybody who is gone; what the living have settled is part of their leases. */
  readonly #spent = new Map<string, number>();
  /** What was granted in the minute before the start, by name; of no use after it. */
  readonly #granted = new Map<string, { readonly atMs: number; readonly amount: number }[]>();
  readonly #grantedUntilMs: number;

  constructor(clock: Clock, spent: readonly Spent[], granted: readonly Granted[]) {
    this.#clock = clock;
    this.#addSpent(spent);
    this.#grantedUntilMs = this.#nowMs() + ORIGIN_MS;
    for (const each of granted.toSorted((one, other) => one.atMs - other.atMs)) this.#addGranted(each);
  }

  /** A process stands in this lane from now on; who stood there before has left, and late words of it change nothing. */
  join(lane: Lane, holder: Holder): Lessor {
    this.#holders.set(lane, holder);
    const stands = (): boolean => this.#holders.get(lane) === holder;
    return {
      ask: (wants) => (stands() ? this.#ask(lane, holder, wants) : Promise.resolve(wants.map(() => NOTHING))),
      give: (returns) => {
        if (stands()) this.#take(lane, returns);
      },
    };
  }

  /**
   * It is gone, and its journal is settled.
   * @param charged what was settled in this lane since it joined; undefined: nobody can tell, so all that it had leased counts as spent
   */
  left(lane: Lane, charged: readonly Spent[] | undefined): void {
    this.#holders.delete(lane);
    const nowMs = this.#nowMs();
    for (const [name, pot] of this.#pots) {
      const leased = pot.leasedBy(lane);
      if (charged === undefined && pot.resource === "budget") this.#spent.set(name, (this.#spent.get(name) ?? 0) + leased);
      pot.bury(lane, nowMs);
    }
    if (charged !== undefined) this.#addSpent(charged);
  }

  /** Limits that memory is spent on. */
  get potsKept(): number {
    return this.#pots.size;
  }

  /** What is left of one limit; undefined: nobody has asked for it yet. */
  leftOf(name: string): number | undefined {
    return this.#pots.get(name)?.left(this.#nowMs(), this.#spent.get(name) ?? 0);
  }

  /** One answer for each want, in order. */
  async #ask(lane: Lane, holder: Holder, wants: readonly Want[]): Promise<readonly Grant[]> {
    for (const want of wants) this.#potOf(want).lease(lane, want.over);
    const short = wants.filter((want) => this.#isShort(want));
    const found = short.length === 0 ? NOTHING_FOUND : await this.#recall(lane, short);
    if (this.#holders.get(lane) !== holder) return wants.map(() => NOTHING);
    return wants.map((want) => this.#grant(lane, want, found.get(want.name)));
  }

  #take(lane: Lane, returns: readonly Return[]): void {
    for (const { name, freed } of returns) this.#pots.get(name)?.lease(lane, -freed);
  }

  #nowMs(): number {
    return this.#clock.monotonicMs() + ORIGIN_MS;
  }

  #isShort({ name, need }: Want): boolean {
    const pot = this.#pots.get(name);
    return pot === undefined || !pot.polled || pot.left(this.#nowMs(), this.#spent.get(name) ?? 0) < need;
  }

  #grant(lane: Lane, want: Want, found: Findings | undefined): Grant {
    const pot = this.#potOf(want);
    const spent = this.#spent.get(want.name) ?? 0;
    const left = pot.left(this.#nowMs(), spent);
    if (left < want.need) return { amount: 0, left: Math.max(0, left), waitMs: this.#waitMs(pot, want, { left, found }) };
    const amount = Math.min(left, Math.max(want.need, want.want, generous(left, this.#holders.size)));
    pot.lease(lane, amount);
    return { amount, left: left - amount };
  }

  #waitMs(
    pot: Pot,
    { need, held, waitMs }: Want,
    { left, found }: { readonly left: number; readonly found: Findings | undefined },
  ): number | undefined {
    if (need > pot.limit) return undefined;
    if (pot.resource === "budget") return need <= left + held + (found?.held ?? 0) ? BOUNDS.retryAfterDefaultMs : undefined;
    return sooner(waitMs, sooner(found?.waitMs, pot.pastWaitMs(this.#nowMs(), need))) ?? BOUNDS.retryAfterDefaultMs;
  }

  /** Asks everybody else for what they do not use. Who does not answer in time keeps it; what it says later still counts. */
  async #recall(lane: Lane, short: readonly Want[]): Promise<ReadonlyMap<string, Findings>> {
    const found = new Map<string, Findings>(short.map(({ name }) => [name, { held: 0, waitMs: undefined }]));
    const asked: Promise<void>[] = [];
    for (const [other, holder] of this.#holders) {
      const recalls = other === lane ? [] : short.filter((want) => this.#mayHold(other, want)).map(recallOf);
      if (recalls.length > 0) asked.push(this.#recallFrom(other, { holder, recalls, found }));
    }
    if (asked.length > 0) await this.#within(BOUNDS.sliceRecallMsMax, Promise.all(asked));
    for (const { name } of short) {
      const pot = this.#pots.get(name);
      if (pot !== undefined) pot.polled = true;
    }
    return found;
  }

  async #recallFrom(lane: Lane, asked: { holder: Holder; recalls: readonly Recall[]; found: Map<string, Findings> }): Promise<void> {
    const returns = await asked.holder.recall(asked.recalls).catch(() => []);
    if (this.#holders.get(lane) !== asked.holder) return;
    this.#take(lane, returns);
    for (const { name, held, waitMs } of returns) {
      const finding = asked.found.get(name);
      if (finding === undefined) continue;
      finding.held += held;
      finding.waitMs = sooner(finding.waitMs, waitMs);
    }
  }

  /** Before the first grant everybody is asked: they may have used what had no limit then. */
  #mayHold(lane: Lane, { name }: Want): boolean {
    const pot = this.#pots.get(name);
    return pot === undefined || !pot.polled || pot.leasedBy(lane) > 0;
  }

  #within(ms: number, done: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#clock.after(ms, resolve);
      void done.then(() => {
        stop();
        resolve();
      });
    });
  }

  #potOf({ name, limit }: Want): Pot {
    const known = this.#pots.get(name);
    if (known !== undefined) {
      known.limit = limit;
      return known;
    }
    const nowMs = this.#nowMs();
    for (let looked = 0; looked < BOUNDS.accountsTidiedPerNew; looked += 1) this.#rounds.next((pot) => pot.idle(nowMs));
    const pot = new Pot(namedBy(name).resource, limit);
    if (nowMs < this.#grantedUntilMs) for (const { atMs, amount } of this.#granted.get(name) ?? []) pot.remember(atMs, amount);
    else this.#granted.clear();
    this.#pots.set(name, pot);
    return pot;
  }

  /** Months before the last one are of no use any more. */
  #addSpent(spent: readonly Spent[]): void {
    let newest: Month = 0;
    for (const { scope, id, month: text, amount } of spent) {
      const month = monthOfText(text);
      newest = Math.max(newest, month);
      const name = nameOf({ resource: "budget", scope, id, month });
      this.#spent.set(name, (this.#spent.get(name) ?? 0) + amount);
    }
    for (const name of this.#spent.keys()) if (namedBy(name).month < newest - BOUNDS.budgetMonthsMax) this.#spent.delete(name);
  }

  /** What lies ahead of the clock was granted before somebody set it back. */
  #addGranted({ scope, id, atMs, requests, tokens }: Granted): void {
    const ageMs = Math.max(0, this.#clock.nowMs() - atMs);
    if (ageMs > BOUNDS.windowMs) return;
    const named: Omit<Named, "resource"> = { scope, id, month: 0 };
    for (const [resource, amount] of [["requests", requests] as const, ["tokens", tokens] as const]) {
      const name = nameOf({ resource, ...named });
      this.#granted.set(name, [...(this.#granted.get(name) ?? []), { atMs: this.#nowMs() - ageMs, amount }]);
    }
  }
}

/** For whom is gone. */
const NOTHING: Grant = { amount: 0, left: 0 };
const NOTHING_FOUND: ReadonlyMap<string, Findings> = new Map();

function recallOf({ name, need }: Want): Recall {
  return { name, need };
}

function sooner(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
