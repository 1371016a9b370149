/** Whatever an engine says, the bill stays within its bounds; and money is exact. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Price } from "../../src/domain/money.ts";
import type { Observed, Outcome } from "../../src/domain/usage.ts";
import { judge } from "../../src/metering/judge.ts";
import { amountMax, amountOf } from "../../src/metering/price.ts";

const stated = fc.oneof(fc.constant(undefined), fc.integer({ min: -5, max: 5_000 }), fc.double());
const observed: fc.Arbitrary<Observed> = fc.record({
  reported: fc.option(fc.record({ promptTokens: stated, cachedTokens: stated, completionTokens: stated }), { nil: undefined }),
  reports: fc.nat(5),
  frames: fc.nat(3_000),
  textBytes: fc.nat(30_000),
  finished: fc.boolean(),
});
const bounds = fc.record({ promptTokensEstimate: fc.nat(5_000), promptTokensMax: fc.nat(4_000), completionTokensMax: fc.nat(4_000) });
const outcome = fc.constantFrom<Outcome>("served", "failed", "abandoned", "crashed");
const micro = fc.oneof(fc.nat(2_000_000), fc.integer({ min: 0, max: 9_000_000_000 }));
const price: fc.Arbitrary<Price> = fc.record({
  inputMicroPerMillion: micro,
  cachedInputMicroPerMillion: micro,
  outputMicroPerMillion: micro,
});

describe("metering", () => {
  it("never bills more than its bounds, and never what is no count", () => {
    fc.assert(
      fc.property(observed, bounds, outcome, price, (seen, most, how, at) => {
        const { usage } = judge(seen, most, how);
        for (const count of [usage.promptTokens, usage.cachedTokens, usage.completionTokens])
          expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
        expect(usage.promptTokens).toBeLessThanOrEqual(most.promptTokensMax);
        expect(usage.completionTokens).toBeLessThanOrEqual(most.completionTokensMax);
        expect(usage.cachedTokens).toBeLessThanOrEqual(usage.promptTokens);
        expect(amountOf(usage, at)).toBeLessThanOrEqual(amountMax(most, at));
        if (usage.source === "none") expect(usage.promptTokens + usage.completionTokens).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it("prices as whole-number arithmetic does", () => {
    const tokens = fc.integer({ min: 0, max: 10_000_000 });
    fc.assert(
      fc.property(tokens, tokens, tokens, price, (fresh, cachedTokens, completionTokens, at) => {
        const usage = { promptTokens: fresh + cachedTokens, cachedTokens, completionTokens, source: "backend" } as const;
        const exact =
          BigInt(fresh) * BigInt(at.inputMicroPerMillion) +
          BigInt(cachedTokens) * BigInt(at.cachedInputMicroPerMillion) +
          BigInt(completionTokens) * BigInt(at.outputMicroPerMillion);
        const twice = 2n * exact - 2n * 1_000_000n * BigInt(amountOf(usage, at));
        // Never further than half, and a half goes to the even neighbour.
        expect(twice <= 1_000_000n && twice >= -1_000_000n).toBe(true);
        if (twice === 1_000_000n || twice === -1_000_000n) expect(amountOf(usage, at) % 2).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
