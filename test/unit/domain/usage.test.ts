import { describe, expect, it } from "vitest";
import { NO_USAGE, tokensKept } from "../../../src/domain/usage.ts";

describe("tokensKept", () => {
  it("is what was used, once anything is known of it", () => {
    const usage = { promptTokens: 10, cachedTokens: 4, completionTokens: 20, source: "counted" as const };
    for (const outcome of ["served", "failed", "abandoned", "crashed"] as const) expect(tokensKept(100, outcome, usage)).toBe(30);
  });

  it("is all that was reserved where nobody knows what the engine has read, and nothing where it failed", () => {
    expect(tokensKept(100, "abandoned", NO_USAGE)).toBe(100);
    expect(tokensKept(100, "crashed", NO_USAGE)).toBe(100);
    expect(tokensKept(100, "failed", NO_USAGE)).toBe(0);
  });
});
