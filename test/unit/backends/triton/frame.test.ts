import { describe, expect, it } from "vitest";
import { readFrame } from "../../../../src/backends/triton/frame.ts";

const read = (value: unknown) => readFrame(typeof value === "string" ? value : JSON.stringify(value));
const EMPTY = { error: undefined, text: "", finish: undefined, promptTokens: undefined, completionTokens: undefined };

describe("readFrame", () => {
  it("reads text, counts and the reason", () => {
    const frame = { text_output: " a", finish_reason: "length", num_input_tokens: 7, num_output_tokens: 1 };
    expect(read(frame)).toEqual({ error: undefined, text: " a", finish: "length", promptTokens: 7, completionTokens: 1 });
  });

  it("takes a tensor of one element for a scalar", () => {
    const frame = { text_output: ["x"], finish_reason: ["stop"], num_input_tokens: [3], num_output_tokens: [0] };
    expect(read(frame)).toEqual({ error: undefined, text: "x", finish: "stop", promptTokens: 3, completionTokens: 0 });
  });

  it.each([["None"], [""], [null], [0], [[]]])("goes on at the finish reason %j", (finish_reason) => {
    expect(read({ finish_reason })).toEqual(EMPTY);
  });

  it.each([[-1], [1.5], ["3"], [1e300], [null], [{}]])("believes no count of %j", (count) => {
    expect(read({ num_input_tokens: count, num_output_tokens: count })).toEqual(EMPTY);
  });

  it("has an error whenever one is given, whatever its type", () => {
    expect(read({ error: "no" })?.error).toBe("no");
    for (const error of [{ message: "no" }, null, 5, ["no"]]) expect(read({ error })?.error).toBe("");
  });

  it.each(["", "{", "[1]", "null", "5", '"text"', "{}{}"])("is none at %j", (data) => {
    expect(read(data)).toBeUndefined();
  });
});
