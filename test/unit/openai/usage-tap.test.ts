import { describe, expect, it } from "vitest";
import { newObserved, noteUsage } from "../../../src/openai/usage-tap.ts";

const note = (text: string) => {
  const observed = newObserved();
  const bytes = Buffer.from(text);
  noteUsage(observed, bytes, { start: 0, end: bytes.length });
  return observed;
};

describe("noteUsage", () => {
  it("takes what is stated as it is stated, absurd or not", () => {
    expect(note('{"prompt_tokens":-1,"completion_tokens":1e9,"prompt_tokens_details":{"cached_tokens":2}}').reported).toEqual({
      promptTokens: -1,
      cachedTokens: 2,
      completionTokens: 1e9,
    });
    expect(note('{"prompt_tokens":"5","prompt_tokens_details":null}').reported).toEqual({
      promptTokens: undefined,
      cachedTokens: undefined,
      completionTokens: undefined,
    });
  });

  it("takes a statement that cannot be read for one that says nothing", () => {
    for (const text of ['{"completion_tokens":1,"completion_tokens":2}', '{"prompt_tokens_details":{"a":1,"a":2},"prompt_tokens":4}']) {
      expect(note(text)).toMatchObject({ reports: 1, reported: { promptTokens: undefined, completionTokens: undefined } });
    }
  });

  it("counts statements; null is none", () => {
    expect(note("{}").reports).toBe(1);
    expect(note("null")).toEqual(newObserved());
  });
});
