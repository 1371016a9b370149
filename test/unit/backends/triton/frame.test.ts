import { describe, expect, it } from "vitest";
import { completionTokensOf, element, finishOf, promptTokensOf, readFrame, textOf } from "../../../../src/backends/triton/frame.ts";

const read = (value: unknown) => {
  const frame = readFrame(JSON.stringify(value));
  if (frame === undefined) throw new Error("no frame");
  return frame;
};
const all = (value: unknown) => {
  const frame = read(value);
  return [textOf(frame, 0), finishOf(frame, 0), promptTokensOf(frame), completionTokensOf(frame)];
};

describe("a frame", () => {
  it("has text, counts and the reason", () => {
    expect(all({ text_output: " a", finish_reason: "length", num_input_tokens: 7, num_output_tokens: 1 })).toEqual([" a", "length", 7, 1]);
  });

  it("may write a tensor of one element as a scalar or as a list", () => {
    expect(all({ text_output: ["x"], finish_reason: ["stop"], num_input_tokens: [3], num_output_tokens: [0] })).toEqual([
      "x",
      "stop",
      3,
      0,
    ]);
  });

  it("holds every sequence of several, and counts them together", () => {
    const frame = read({ text_output: ["a", "b"], finish_reason: ["None", "stop"], num_input_tokens: 3, num_output_tokens: [1, 2] });
    expect([textOf(frame, 0), textOf(frame, 1), textOf(frame, 2)]).toEqual(["a", "b", undefined]);
    expect([finishOf(frame, 0), finishOf(frame, 1)]).toEqual([undefined, "stop"]);
    expect(completionTokensOf(frame)).toBe(3);
    expect(element(read({ text_output: "a" }), "text_output", 1)).toBeUndefined();
  });

  it.each([["None"], [""], [null], [0], [[]]])("goes on at the finish reason %j", (finish_reason) => {
    expect(finishOf(read({ finish_reason }), 0)).toBeUndefined();
  });

  it("is the last one where another server of the protocol says that it is done", () => {
    expect([finishOf(read({ done: true }), 0), finishOf(read({ done: false }), 0)]).toEqual(["stop", undefined]);
  });

  it.each([[-1], [1.5], ["3"], [1e300], [null], [{}]])("has no count that is %j", (count) => {
    expect(all({ num_input_tokens: count, num_output_tokens: count })).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("has an error whenever one is given, whatever its type", () => {
    expect(read({ error: "no" }).error).toBe("no");
    for (const error of [{ message: "no" }, null, 5, ["no"]]) expect(read({ error }).error).toBe("");
  });

  it.each(["", "{", "[1]", "null", "5", '"text"', "{}{}"])("is none at %j", (data) => {
    expect(readFrame(data)).toBeUndefined();
  });
});
