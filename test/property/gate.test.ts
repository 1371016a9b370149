/** Random lives of a gate, with crashes, against a slow and simple model of the same limits. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { monthOfText } from "../../src/admission/month.ts";
import { LocalGate } from "../../src/gate/local.ts";
import { recover } from "../../src/gate/recover.ts";
import { SCOPES, type Claim, type EndRecord, type HoldRecord, type JournalRecord, type Scope, type Spent } from "../../src/ports.ts";
import {
  claimBy,
  grantedIn,
  HandClock,
  MemoryJournal,
  principalOf,
  settlementOf,
  usageOf,
  type LimitsByScope,
} from "../unit/gate/fixtures.ts";

const LIMITS: LimitsByScope = {
  key: { requestsPerMinute: 6, tokensPerMinute: 900, concurrency: 4, budgetPerMonth: 6_000 },
  project: { tokensPerMinute: 1_500 },
  tenant: { requestsPerMinute: 9, concurrency: 6, budgetPerMonth: 9_000 },
  msp: { tokensPerMinute: 2_000, budgetPerMonth: 11_000 },
};
const PRINCIPALS = ["key-1", "key-2", "key-3"].map((key, index) =>
  principalOf(LIMITS, { key, project: index === 2 ? "project-2" : "project-1" }),
);
/** Nearly the end of a month, so that lives run across it. */
const BEGIN_MS = Date.UTC(2026, 10, 30, 23, 58, 0);
const NOVEMBER = monthOfText("2026-11");

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("open" as const),
      who: fc.nat(2),
      tokens: fc.integer({ min: 1, max: 400 }),
      amount: fc.integer({ min: 0, max: 2_500 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("settle" as const), which: fc.nat(20), tokens: fc.nat(600), amount: fc.nat(3_000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("checkpoint" as const), which: fc.nat(20), amount: fc.nat(3_000) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 25_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One claim that was granted, at which time, and what it counts for now. */
interface Grant {
  readonly claim: Claim;
  readonly atMs: number;
  tokens: number;
  open: boolean;
  /** What it has used so far; undefined: it has shown nothing. */
  marked: number | undefined;
}

class Life {
  readonly clock = new HandClock(BEGIN_MS);
  readonly journal = new MemoryJournal();
  gate = new LocalGate(this.journal, this.clock, []);
  grants: Grant[] = [];

  async run(one: Step): Promise<void> {
    if (one.kind === "open") await this.#open(one);
    else if (one.kind === "settle") this.#settle(one);
    else if (one.kind === "checkpoint") this.#checkpoint(one);
    else if (one.kind === "wait") this.clock.advance(one.ms);
    else await this.#crash();
    await this.journal.durable();
    this.#checkBudgets();
  }

  async #open({ who, tokens, amount }: Extract<Step, { kind: "open" }>): Promise<void> {
    const principal = PRINCIPALS[who % PRINCIPALS.length] ?? principalOf();
    const claim = claimBy(principal, { tokens, amount, atMs: this.clock.nowMs() });
    const before = this.#state();
    const expected = this.#modelFits(claim);
    const admission = await this.gate.open(claim);
    expect(admission.ok).toBe(expected);
    if (admission.ok) this.grants.push({ claim, atMs: this.clock.monotonicMs(), tokens, open: true, marked: undefined });
    else expect(this.#state()).toEqual(before);
  }

  #settle({ which, tokens, amount }: Extract<Step, { kind: "settle" }>): void {
    const grant = this.grants[which % Math.max(1, this.grants.length)];
    if (grant === undefined) return;
    const settlement = settlementOf({ usage: usageOf(0, tokens), amount: Math.min(amount, grant.claim.amount) });
    expect(this.gate.settle(grant.claim.request, settlement)).toBe(grant.open ? "settled" : "already");
    if (grant.open) grant.tokens = tokens;
    grant.open = false;
  }

  #checkpoint({ which, amount }: Extract<Step, { kind: "checkpoint" }>): void {
    const grant = this.grants[which % Math.max(1, this.grants.length)];
    if (grant === undefined) return;
    this.gate.checkpoint(grant.claim.request, usageOf(1, amount), amount);
    if (grant.open) grant.marked = 1 + amount;
  }

  async #crash(): Promise<void> {
    // What was used and not marked yet is lost with the process: let the mark be written first.
    this.clock.advance(1_000);
    await this.journal.durable();
    const ledger = spentIn(this.journal.records);
    const granted = grantedIn(this.journal.records, this.clock.nowMs());
    const recovered = await recover(this.journal.crash(), this.journal, this.clock.nowMs());
    this.gate = new LocalGate(this.journal, this.clock, [...ledger, ...recovered]);
    this.gate.resume(granted);
    // A start looks back a minute, and not to the end of the slot in which that minute began.
    this.grants = this.grants.filter(({ claim }) => claim.atMs > this.clock.nowMs() - 60_000);
    for (const grant of this.grants) if (grant.open) [grant.open, grant.tokens] = [false, grant.marked ?? grant.tokens];
  }

  /** The limits by their definition, every level, from the grants and the journal alone. */
  #modelFits(claim: Claim): boolean {
    return SCOPES.every((scope) => {
      const { id, limits } = claim.principal[scope];
      const mine = this.grants.filter((grant) => grant.claim.principal[scope].id === id);
      const nowSlot = Math.floor(this.clock.monotonicMs() / 1_000);
      const recent = mine.filter(({ atMs }) => Math.floor(atMs / 1_000) > nowSlot - 61);
      const tokens = recent.reduce((sum, grant) => sum + grant.tokens, 0);
      if (recent.length + 1 > (limits.requestsPerMinute ?? Infinity)) return false;
      if (tokens + claim.tokens > (limits.tokensPerMinute ?? Infinity)) return false;
      if (mine.filter(({ open }) => open).length + 1 > (limits.concurrency ?? Infinity)) return false;
      return (
        claim.amount === 0 ||
        bookedIn(this.journal.records, { scope, id, month: monthTextOf(claim.atMs) }) + claim.amount <= (limits.budgetPerMonth ?? Infinity)
      );
    });
  }

  #checkBudgets(): void {
    for (const principal of PRINCIPALS) {
      for (const scope of SCOPES) {
        const { id, limits } = principal[scope];
        for (const atMs of [BEGIN_MS, this.clock.nowMs()]) {
          const { spent, held } = this.gate.money(scope, id, atMs);
          expect(spent + held).toBe(bookedIn(this.journal.records, { scope, id, month: monthTextOf(atMs) }));
          expect(spent + held).toBeLessThanOrEqual(limits.budgetPerMonth ?? Infinity);
          expect(Math.min(spent, held)).toBeGreaterThanOrEqual(0);
        }
      }
    }
  }

  #state(): unknown {
    const money = PRINCIPALS.map((principal) => SCOPES.map((scope) => this.gate.money(scope, principal[scope].id, this.clock.nowMs())));
    return {
      money,
      windows: PRINCIPALS.map((principal) => this.gate.windows(principal)),
      holds: this.gate.holdsOpen,
      records: this.journal.records.length,
    };
  }
}

function monthTextOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 7);
}

/** Charges of ended holds and amounts of open ones, from the journal alone. */
function bookedIn(records: readonly JournalRecord[], { scope, id, month }: { scope: Scope; id: string; month: string }): number {
  const ends = new Map(records.filter((record): record is EndRecord => record.kind === "end").map((end) => [end.request, end.amount]));
  const mine = records.filter(
    (record): record is HoldRecord => record.kind === "hold" && record[scope] === id && monthTextOf(record.atMs) === month,
  );
  return mine.reduce((sum, hold) => sum + (ends.get(hold.request) ?? hold.amount), 0);
}

/** What a ledger that folded these records says was spent. */
function spentIn(records: readonly JournalRecord[]): Spent[] {
  const holds = new Map(records.filter((record): record is HoldRecord => record.kind === "hold").map((hold) => [hold.request, hold]));
  const ends = records.filter((record): record is EndRecord => record.kind === "end");
  return ends.flatMap(({ request, amount }) => {
    const hold = holds.get(request);
    return hold === undefined ? [] : SCOPES.map((scope) => ({ scope, id: hold[scope], month: monthTextOf(hold.atMs), amount }));
  });
}

describe("a gate's life", () => {
  it("grants exactly what the limits leave, and every hold ends as one charge within it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const life = new Life();
        for (const one of steps) await life.run(one);
        for (const { claim, open } of life.grants) if (open) life.gate.settle(claim.request, settlementOf({ amount: 0 }));
        await life.journal.durable();
        expect(life.gate.holdsOpen).toBe(0);
        checkConservation(life.journal.records);
      }),
      { numRuns: 150 },
    );
  });

  it("crosses a month in its lives", () => {
    expect(monthOfText(monthTextOf(BEGIN_MS))).toBe(NOVEMBER);
    expect(monthTextOf(BEGIN_MS + 120_000)).toBe("2026-12");
  });
});

/** One hold, one end, and the charge is never above the hold: what is left of it was released. */
function checkConservation(records: readonly JournalRecord[]): void {
  const holds = records.filter((record): record is HoldRecord => record.kind === "hold");
  const ends = records.filter((record): record is EndRecord => record.kind === "end");
  expect(ends.map(({ request }) => request).sort()).toEqual(holds.map(({ request }) => request).sort());
  const charges = new Map(ends.map(({ request, amount }) => [request, amount]));
  for (const { request, amount } of holds) expect(amount - (charges.get(request) ?? -1)).toBeGreaterThanOrEqual(0);
  for (const { amount } of ends) expect(amount).toBeGreaterThanOrEqual(0);
}
