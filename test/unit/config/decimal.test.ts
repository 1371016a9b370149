import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { microUnits } from "../../../src/config/decimal.ts";

describe("microUnits", () => {
  it("is exact where binary fractions are not", () => {
    expect(microUnits("0")).toBe(0);
    expect(microUnits("0.1")).toBe(100_000);
    expect(microUnits("1.005")).toBe(1_005_000);
    expect(microUnits("999999999.999999")).toBe(999_999_999_999_999);
  });

  it("reads back every amount", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), fc.integer({ min: 0, max: 999_999 }), (whole, micro) => {
        const amount = microUnits(`${whole}.${String(micro).padStart(6, "0")}`);
        return amount === whole * 1_000_000 + micro && Number.isSafeInteger(amount);
      }),
    );
  });
});
