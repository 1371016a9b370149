/** The window against its definition, millisecond by millisecond. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Window } from "../../src/admission/window.ts";

const step = fc.record({
  waitMs: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 90_000 })),
  amount: fc.integer({ min: 1, max: 60 }),
  used: fc.nat(120),
});
const LIMIT = 100;

describe("Window", () => {
  it("never grants more than the limit in any 60 seconds, and grants again 61 seconds later at the latest", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const window = new Window();
        const granted: { atMs: number; amount: number }[] = [];
        let nowMs = 0;
        for (const { waitMs, amount } of steps) {
          nowMs += waitMs;
          const within = (ms: number) => granted.filter(({ atMs }) => atMs > nowMs - ms).reduce((sum, grant) => sum + grant.amount, 0);
          if (window.fits(nowMs, amount, LIMIT)) {
            window.add(nowMs, amount);
            granted.push({ atMs: nowMs, amount });
            expect(within(60_000)).toBeLessThanOrEqual(LIMIT);
          } else {
            expect(within(61_000) + amount).toBeGreaterThan(LIMIT);
          }
        }
      }),
    );
  });

  it("says to the millisecond when a claim fits and when the window is empty, through corrections", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: LIMIT }), (steps, amount) => {
        const window = new Window();
        let nowMs = 0;
        for (const { waitMs, amount: claimed, used } of steps) {
          window.add(nowMs, claimed);
          const countedAtMs = nowMs;
          nowMs += waitMs;
          window.correct(nowMs, countedAtMs, used - claimed);
        }
        const retryAfterMs = window.retryAfterMs(nowMs, amount, LIMIT) ?? Number.NaN;
        const resetMs = window.resetMs(nowMs);
        if (retryAfterMs > 0) {
          expect(window.fits(nowMs + retryAfterMs - 1, amount, LIMIT)).toBe(false);
        }
        expect(window.fits(nowMs + retryAfterMs, amount, LIMIT)).toBe(true);
        // Never earlier than the wait: what fits now may leave something behind, what is empty lets everything fit.
        expect(resetMs).toBeGreaterThanOrEqual(retryAfterMs);
        if (resetMs > retryAfterMs) expect(window.used(nowMs + resetMs - 1)).toBeGreaterThan(0);
        expect(window.used(nowMs + resetMs)).toBe(0);
      }),
    );
  });
});
