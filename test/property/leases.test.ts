/** Random lives of several processes that share limits, with deaths and slow words between them: together they never pass a limit. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../src/bounds.ts";
import { LeasedGate } from "../../src/gate/leases/leased-gate.ts";
import { LeaseOffice } from "../../src/gate/leases/office.ts";
import { SCOPES, type Claim, type Spent } from "../../src/ports.ts";
import { claimBy, HandClock, MemoryJournal, principalOf, settlementOf, usageOf, type LimitsByScope } from "../unit/gate/fixtures.ts";

const LIMITS: LimitsByScope = {
  key: { requestsPerMinute: 12, tokensPerMinute: 2_000, concurrency: 7, budgetPerMonth: 4_000 },
  tenant: { requestsPerMinute: 17, budgetPerMonth: 6_000 },
  msp: { tokensPerMinute: 3_500, concurrency: 9 },
};
const PRINCIPALS = ["key-1", "key-2"].map((key) => principalOf(LIMITS, { key }));
const LANES = 3;

const step = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant("open" as const),
      lane: fc.nat(LANES - 1),
      who: fc.nat(1),
      tokens: fc.integer({ min: 0, max: 300 }),
      amount: fc.integer({ min: 0, max: 1_500 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("settle" as const), which: fc.nat(30), tokens: fc.nat(400), amount: fc.nat(1_500) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 3_000 }) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("deliver" as const), count: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("die" as const), lane: fc.nat(LANES - 1) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Grant {
  readonly claim: Claim;
  readonly lane: number;
  readonly atMs: number;
  tokens: number;
  amount: number;
  open: boolean;
}

class Life {
  readonly clock = new HandClock();
  readonly #office = new LeaseOffice(this.clock, [], []);
  readonly #gates: LeasedGate[] = [];
  /** Words on their way, each with what happens when it arrives. */
  #words: (() => void)[] = [];
  readonly #grants: Grant[] = [];
  readonly #opening: Promise<void>[] = [];

  constructor() {
    for (let lane = 0; lane < LANES; lane += 1) this.#start(lane);
  }

  async run(one: Step): Promise<void> {
    if (one.kind === "open") this.#opening.push(this.#open(one));
    else if (one.kind === "settle") this.#settle(one);
    else if (one.kind === "wait") this.clock.advance(one.ms);
    else if (one.kind === "deliver") await this.#deliver(one.count);
    else this.#die(one.lane);
    await settled();
    this.check();
  }

  /** Everything that is said arrives, until nobody says anything any more. */
  async rest(): Promise<void> {
    for (let round = 0; round < 500 && this.#words.length > 0; round += 1) await this.#deliver(1);
    await Promise.all(this.#opening);
    this.check();
  }

  /** The claims of one key, at a time when everything arrives at once: how many fit. */
  async fill(): Promise<number> {
    let admitted = 0;
    for (let count = 0; count < 40; count += 1) {
      const claim = claimBy(PRINCIPALS[0] ?? principalOf(), { tokens: 1, amount: 0, atMs: this.clock.nowMs() });
      const opening = this.#gate(count % LANES).open(claim);
      for (let round = 0; round < 60; round += 1) await this.#deliver(1);
      const admission = await opening;
      if (!admission.ok) continue;
      admitted += 1;
      this.#gate(count % LANES).settle(claim.request, settlementOf({ usage: usageOf(0, 1), amount: 0 }));
    }
    return admitted;
  }

  /** How many of `fill` fit: the first key's requests of a minute, unless its requests at a time are all taken. */
  get room(): number {
    const open = this.#grants.filter((grant) => grant.open);
    const ofKey = open.filter(({ claim }) => claim.principal.key.id === "key-1").length;
    return ofKey >= 7 || open.length >= 9 ? 0 : 12;
  }

  #start(lane: number): void {
    const gate: LeasedGate = new LeasedGate(new MemoryJournal(), this.clock, {
      ask: (wants) => this.#later(() => lessor.ask(wants)),
      give: (returns) => void this.#later(() => Promise.resolve(lessor.give(returns))),
    });
    this.#gates[lane] = gate;
    const lessor = this.#office.join(lane, { recall: (recalls) => this.#later(() => gate.recall(recalls)) });
  }

  /** There and back again: both ways are slow. A word of a dead process never arrives. */
  #later<T>(answer: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#words.push(() => void answer().then((value) => this.#words.push(() => resolve(value)), reject));
    });
  }

  async #deliver(count: number): Promise<void> {
    for (const word of this.#words.splice(0, count)) word();
    await settled();
  }

  async #open({ lane, who, tokens, amount }: Extract<Step, { kind: "open" }>): Promise<void> {
    const gate = this.#gate(lane);
    const claim = claimBy(PRINCIPALS[who] ?? principalOf(), { tokens, amount, atMs: this.clock.nowMs() });
    const admission = await gate.open(claim).catch(() => undefined);
    if (admission?.ok === true && this.#gates[lane] === gate)
      this.#grants.push({ claim, lane, atMs: this.clock.monotonicMs(), tokens, amount, open: true });
  }

  #settle({ which, tokens, amount }: Extract<Step, { kind: "settle" }>): void {
    const open = this.#grants.filter((each) => each.open);
    const grant = open[which % Math.max(1, open.length)];
    if (grant === undefined) return;
    grant.open = false;
    grant.tokens = Math.min(tokens, grant.claim.tokens);
    grant.amount = Math.min(amount, grant.claim.amount);
    const usage = usageOf(0, grant.tokens);
    expect(this.#gate(grant.lane).settle(grant.claim.request, settlementOf({ usage, amount: grant.amount }))).toBe("settled");
  }

  /** What was open costs nothing and counts for its minute; another process takes the lane. */
  #die(lane: number): void {
    this.#gate(lane).end();
    const charged: Spent[] = [];
    for (const grant of this.#grants) {
      if (grant.lane !== lane) continue;
      if (grant.open) [grant.open, grant.amount] = [false, 0];
      charged.push(...SCOPES.map((scope) => ({ scope, id: grant.claim.principal[scope].id, month: "2026-11", amount: grant.amount })));
      this.#dead.push(grant);
    }
    for (const grant of this.#dead) if (this.#grants.includes(grant)) this.#grants.splice(this.#grants.indexOf(grant), 1);
    this.#office.left(lane, charged);
    this.#start(lane);
  }

  readonly #dead: Grant[] = [];

  #gate(lane: number): LeasedGate {
    const gate = this.#gates[lane];
    if (gate === undefined) throw new RangeError(`no lane ${lane}`);
    return gate;
  }

  /** The same limits, reckoned from the list of what was admitted. */
  check(): void {
    const nowMs = this.clock.monotonicMs();
    for (const scope of SCOPES) {
      for (const principal of PRINCIPALS) {
        const { id, limits } = principal[scope];
        const own = [...this.#grants, ...this.#dead].filter(({ claim }) => claim.principal[scope].id === id);
        const recent = own.filter(({ atMs }) => atMs > nowMs - BOUNDS.windowMs);
        expect(recent.length).toBeLessThanOrEqual(limits.requestsPerMinute ?? Number.POSITIVE_INFINITY);
        expect(sum(recent, ({ tokens }) => tokens)).toBeLessThanOrEqual(limits.tokensPerMinute ?? Number.POSITIVE_INFINITY);
        expect(own.filter(({ open }) => open).length).toBeLessThanOrEqual(limits.concurrency ?? Number.POSITIVE_INFINITY);
        expect(sum(own, ({ amount }) => amount)).toBeLessThanOrEqual(limits.budgetPerMonth ?? Number.POSITIVE_INFINITY);
      }
    }
  }
}

/** Whatever follows without anybody waiting has followed. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
}

function sum(grants: readonly Grant[], of: (grant: Grant) => number): number {
  return grants.reduce((total, grant) => total + of(grant), 0);
}

describe("processes that share limits", () => {
  it("never pass one of them together, whoever dies and however slow their words are", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 200, size: "max" }), async (steps) => {
        const life = new Life();
        for (const one of steps) await life.run(one);
        await life.rest();
      }),
      { numRuns: 100, interruptAfterTimeLimit: 40_000 },
    );
  });

  it("leave nothing of a limit unused, whatever came before", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        const life = new Life();
        for (const one of steps) await life.run(one);
        await life.rest();
        life.clock.advance(2 * BOUNDS.windowMs + BOUNDS.windowSlotMs);
        await settled();
        expect(await life.fill()).toBe(life.room);
      }),
      { numRuns: 60, interruptAfterTimeLimit: 40_000 },
    );
  });
});
