import { describe, expect, it } from "vitest";
import { goDuration, rateLimitHeaders } from "../../../src/openai/ratelimit.ts";

describe("rate limit headers", () => {
  it.each([
    [0, "0s"],
    [17, "17ms"],
    [16.2, "17ms"],
    [999.5, "1s"],
    [1_000, "1s"],
    [7_660, "7.66s"],
    [59_999, "59.999s"],
    [60_000, "1m0s"],
    [360_000, "6m0s"],
    [90_500, "1m30.5s"],
    [3_600_000, "1h0m0s"],
    [90_061_000, "25h1m1s"],
  ])("prints %d ms as Go does: %s", (ms, text) => {
    expect(goDuration(ms)).toBe(text);
  });

  it("names each window that has a limit", () => {
    expect(rateLimitHeaders({ requests: { limit: 60, remaining: 59, resetMs: 1_000 }, tokens: undefined })).toEqual([
      "x-ratelimit-limit-requests",
      "60",
      "x-ratelimit-remaining-requests",
      "59",
      "x-ratelimit-reset-requests",
      "1s",
    ]);
    expect(rateLimitHeaders({ requests: undefined, tokens: { limit: 10, remaining: -3, resetMs: 0 } })).toContain("0");
    expect(rateLimitHeaders({ requests: undefined, tokens: undefined })).toEqual([]);
  });
});
