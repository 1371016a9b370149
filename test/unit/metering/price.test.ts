import { describe, expect, it } from "vitest";
import { amountMax, amountOf } from "../../../src/metering/price.ts";
import type { Price } from "../../../src/domain/money.ts";
import type { Usage } from "../../../src/domain/usage.ts";

const price = (input: number, cached: number, output: number): Price => ({
  inputMicroPerMillion: input,
  cachedInputMicroPerMillion: cached,
  outputMicroPerMillion: output,
});
const usage = (promptTokens: number, cachedTokens: number, completionTokens: number): Usage => ({
  promptTokens,
  cachedTokens,
  completionTokens,
  source: "backend",
});

describe("amountOf", () => {
  it("prices fresh, cached and output tokens apart", () => {
    expect(amountOf(usage(1_000_000, 400_000, 2_000_000), price(250_000, 25_000, 1_000_000))).toBe(150_000 + 10_000 + 2_000_000);
  });

  it.each([
    [499_999, 0],
    [500_000, 0],
    [500_001, 1],
    [1_499_999, 1],
    [1_500_000, 2],
    [2_500_000, 2],
    [2_500_001, 3],
  ])("rounds %d millionths of a micro-unit half to even: %d", (millionths, amount) => {
    expect(amountOf(usage(0, 0, 1), price(0, 0, millionths))).toBe(amount);
  });

  it("rounds the sum, not its parts", () => {
    expect(amountOf(usage(2, 1, 1), price(400_000, 400_000, 400_000))).toBe(1);
  });

  it("stays exact where a double would not be", () => {
    // 9_335_242 * 4_333_478_781 = 40_454_073_122_500_002, just above a half; as a double it ends in 500_000 and would go down to even.
    expect(amountOf(usage(0, 0, 9_335_242), price(0, 0, 4_333_478_781))).toBe(40_454_073_123);
  });

  it("rounds half to even in the long way as well", () => {
    const long = 10_000_000_000_000_000;
    for (const [rest, up] of [
      [499_999, 0],
      [500_000, 0],
      [500_001, 1],
      [1_500_000, 2],
    ] as const) {
      expect(amountOf(usage(1, 0, 10_000_000), price(rest, 0, long / 10_000_000))).toBe(long / 1_000_000 + up);
    }
  });

  it("refuses what is no count", () => {
    expect(() => amountOf(usage(-1, 0, 0), price(1, 1, 1))).toThrow(RangeError);
    expect(() => amountOf(usage(1, 2, 0), price(1, 1, 1))).toThrow(RangeError);
    expect(() => amountOf(usage(0.5, 0, 0), price(1, 1, 1))).toThrow(RangeError);
    expect(() => amountOf(usage(1, 0, 0), price(0.5, 0, 0))).toThrow(RangeError);
    expect(() => amountOf(usage(0, 0, Number.MAX_SAFE_INTEGER), price(0, 0, 10_000_000))).toThrow(RangeError);
  });
});

describe("amountMax", () => {
  it("is what the bounds cost, at the dearer of the two input prices", () => {
    expect(amountMax({ promptTokensMax: 1_000_000, completionTokensMax: 10 }, price(3, 5, 1_000_000))).toBe(15);
    expect(amountMax({ promptTokensMax: 1_000_000, completionTokensMax: 10 }, price(5, 3, 1_000_000))).toBe(15);
  });
});
