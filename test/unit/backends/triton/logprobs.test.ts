import { describe, expect, it } from "vitest";
import { chatLogprobs, completionLogprobs, readLogprobs } from "../../../../src/backends/triton/logprobs.ts";

/** Two tokens; of the first the chosen one is neither the likeliest nor the one with the smallest number. */
const TEXT =
  '[{"90": {"logprob": -2.5, "rank": 3, "decoded_token": " a"}, "7": {"logprob": -0.5, "rank": 1, "decoded_token": " b"}}, {"3": {"logprob": -Infinity, "rank": 9, "decoded_token": "ü\\"logprob\\": -Infinity"}}]';

describe("log probabilities of the vLLM backend", () => {
  it("name the chosen token first, whatever its number", () => {
    expect(readLogprobs(TEXT)).toEqual([
      [
        { token: " a", logprob: -2.5 },
        { token: " b", logprob: -0.5 },
      ],
      [{ token: 'ü"logprob": -Infinity', logprob: -9999 }],
    ]);
  });

  it("may be absent", () => {
    for (const text of ["null", "", "[]"]) expect(readLogprobs(text)).toEqual([]);
    expect(() => readLogprobs("[{]")).toThrow();
  });

  it("become a chat's, with the likeliest first among the alternatives", () => {
    const [first] = readLogprobs(TEXT);
    const { content } = JSON.parse(chatLogprobs(first === undefined ? [] : [first], 1));
    expect(content).toEqual([
      { token: " a", logprob: -2.5, bytes: [32, 97], top_logprobs: [{ token: " b", logprob: -0.5, bytes: [32, 98] }] },
    ]);
    expect(JSON.parse(chatLogprobs(first === undefined ? [] : [first], 0)).content[0].top_logprobs).toEqual([]);
  });

  it("become a completion's, with offsets into the answer", () => {
    expect(JSON.parse(completionLogprobs(readLogprobs(TEXT).slice(0, 1), 4))).toEqual({
      tokens: [" a"],
      token_logprobs: [-2.5],
      top_logprobs: [{ " a": -2.5, " b": -0.5 }],
      text_offset: [4],
    });
  });
});
