import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../src/bounds.ts";
import { Breaker } from "../../src/routing/breaker.ts";
import { rank } from "../../src/routing/rank.ts";
import { RetryBudget } from "../../src/routing/retry-budget.ts";
import { StandingClock, candidate, profile, seeded } from "../unit/routing/planted.ts";

const states = fc.constantFrom("up", "up", "up", "down", "breaker-open", "full", "model-not-ready");
const load = fc.record({
  running: fc.nat(200),
  waiting: fc.nat(200),
  kvUse: fc.option(fc.double({ noNaN: true, min: 0, max: 1 }), { nil: undefined }),
});
const described = fc.record({
  id: fc.string({ minLength: 1, maxLength: 4 }),
  state: states,
  inFlight: fc.nat(64),
  load: fc.option(load, { nil: undefined }),
  firstByteMsEwma: fc.option(fc.double({ noNaN: true, min: 0, max: 1e6 }), { nil: undefined }),
  weight: fc.double({ noNaN: true, min: 0.01, max: 100 }),
});
const fleets = fc
  .uniqueArray(described, { selector: (one) => one.id, maxLength: 12 })
  .map((all) => all.map(({ id, weight, ...rest }) => candidate(id, { ...rest, backend: { weight, concurrencyMax: 64 } })));
const weight = fc.double({ noNaN: true, min: 0, max: 10 });
const profiles = fc
  .tuple(
    fc.constantFrom("power-of-two", "best", "weighted-random"),
    fc.record({ queue: weight, inFlight: weight, kvUse: weight, latency: weight, price: weight, weight }),
  )
  .map(([picker, weights]) => profile(picker, weights));
const seeds = fc.integer();

describe("rank", () => {
  it("answers with each usable candidate once, and no other", () => {
    fc.assert(
      fc.property(profiles, fleets, seeds, (taste, fleet, seed) => {
        const ranked = rank(taste, fleet, seeded(seed)).map((one) => one.candidate);
        const usable = fleet.filter((one) => one.state === "up");
        expect(new Set(ranked)).toEqual(new Set(usable));
        expect(ranked.length).toBe(usable.length);
      }),
    );
  });

  it("does not depend on the order in which candidates came", () => {
    const shuffled = fleets.chain((fleet) => fc.tuple(fc.constant(fleet), fc.shuffledSubarray(fleet, { minLength: fleet.length })));
    fc.assert(
      fc.property(profiles, shuffled, seeds, (taste, [fleet, other], seed) => {
        const order = (list: typeof fleet) => rank(taste, list, seeded(seed)).map((one) => [one.candidate.backend.id, one.score]);
        expect(order(other)).toEqual(order(fleet));
      }),
    );
  });

  it("orders all but the first by score, and scores lie in [0, 1]", () => {
    fc.assert(
      fc.property(profiles, fleets, seeds, (taste, fleet, seed) => {
        const scores = rank(taste, fleet, seeded(seed)).map((one) => one.score);
        for (const score of scores) expect(score >= 0 && score <= 1 + 1e-12).toBe(true);
        for (let at = 2; at < scores.length; at++) expect(scores[at]).toBeLessThanOrEqual(scores[at - 1] ?? 0);
      }),
    );
  });
});

it("the retry budget grants what its floor or share allows in any window, to the precision of a slot", () => {
  const steps = fc.array(fc.record({ ms: fc.nat(3_000), firsts: fc.nat(60), retries: fc.nat(20) }), { maxLength: 60 });
  const windowMs = BOUNDS.retryBudgetWindowMs;
  const lessSlotMs = windowMs * 0.9;
  fc.assert(
    fc.property(steps, (plan) => {
      const clock = new StandingClock();
      const budget = new RetryBudget(clock);
      const firsts: number[] = [];
      const grants: number[] = [];
      const lately = (stamps: readonly number[], ms: number): number => stamps.filter((stamp) => stamp > clock.ms - ms).length;
      const allowed = (ms: number): number => Math.max(BOUNDS.retryBudgetMin, lately(firsts, ms) * BOUNDS.retryBudgetRatio);
      for (const step of plan) {
        clock.ms += step.ms;
        for (let i = 0; i < step.firsts; i++) {
          budget.deposit();
          firsts.push(clock.ms);
        }
        for (let i = 0; i < step.retries; i++) {
          if (budget.withdraw()) {
            grants.push(clock.ms);
            expect(lately(grants, lessSlotMs)).toBeLessThanOrEqual(allowed(windowMs));
          } else expect(lately(grants, windowMs) + 1).toBeGreaterThan(allowed(lessSlotMs));
        }
      }
    }),
  );
});

it("a breaker never stays shut: from any history a trial is allowed within the longest pause", () => {
  const events = fc.array(fc.record({ ms: fc.nat(15_000), what: fc.constantFrom("failed", "failed", "succeeded", "released", "began") }), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(events, (history) => {
      const breaker = new Breaker();
      let nowMs = 0;
      for (const event of history) {
        nowMs += event.ms;
        breaker[event.what](nowMs);
      }
      expect(breaker.allows(nowMs + BOUNDS.breakerOpenMsMax)).toBe(true);
    }),
  );
});
