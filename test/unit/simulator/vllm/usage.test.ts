import { describe, expect, it } from "vitest";
import { Tally } from "../../../../src/simulator/generation.ts";
import { usageFrames } from "../../../../src/simulator/vllm/stream-usage.ts";
import { countsOf, finalUsage, runningCompletionUsage, runningUsage, stated, wholeUsage } from "../../../../src/simulator/vllm/usage.ts";

const counts = { promptTokens: 10, completionTokens: 4, cachedTokens: 2 };

describe("usage", () => {
  it("counts a prompt and its cached part once for all its answers", () => {
    const tally = Object.assign(new Tally(), { tokens: 9, cachedTokens: 6 });
    expect(countsOf(10, 3, tally)).toEqual({ promptTokens: 10, completionTokens: 9, cachedTokens: 2 });
  });

  it("is spoiled as the knob says", () => {
    expect(stated(counts, {})).toEqual(counts);
    expect(stated(counts, { usage: "zero" })).toMatchObject({ promptTokens: 0, completionTokens: 0 });
    expect(stated(counts, { usage: "negative" }).completionTokens).toBe(-4);
    expect(stated(counts, { usage: "absurd" }).completionTokens).toBeGreaterThan(1e9);
    expect(wholeUsage(counts, { usage: "absent" }, true)).toBeNull();
  });

  it("has its members where vLLM has them", () => {
    expect(Object.keys(runningUsage(counts, {}))).toEqual([
      "prompt_tokens",
      "total_tokens",
      "completion_tokens",
      "completion_tokens_details",
    ]);
    expect(Object.keys(runningCompletionUsage(counts, {}))).toEqual(["prompt_tokens", "total_tokens", "completion_tokens"]);
    expect(finalUsage(counts, {}, "chat")).toMatchObject({
      total_tokens: 14,
      prompt_tokens_details: { cached_tokens: 2, created_cache_tokens: 0 },
    });
    expect(finalUsage(counts, {}, "completion")).toMatchObject({ prompt_tokens_details: { cached_tokens: 2 } });
    expect(finalUsage(counts, {}, "none")).not.toHaveProperty("prompt_tokens_details");
  });
});

describe("usageFrames", () => {
  const sampling = {
    stream: true,
    includeUsage: true,
    continuousUsage: false,
    choices: 1,
    stop: [],
    tokensMin: 0,
    ignoreEnd: false,
    seed: 1,
    salt: "",
    requestId: undefined,
  };

  it.each([
    [{}, {}, false, 1],
    [{ includeUsage: false }, {}, false, 0],
    [{ continuousUsage: true }, {}, true, 1],
    [{}, { usage: "absent" }, false, 0],
    [{}, { usage: "duplicate" }, false, 2],
    [{}, { usage: "cumulative" }, true, 0],
    [{ includeUsage: false }, { usageInEveryFrame: true }, true, 1],
  ] as const)("%j with %j: running %s, finals %i", (more, knobs, running, finals) => {
    expect(usageFrames({ ...sampling, ...more }, knobs)).toEqual({ running, finals });
  });
});
