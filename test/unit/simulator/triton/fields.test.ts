import { describe, expect, it } from "vitest";
import { only, readMembers } from "../../../../src/simulator/triton/fields.ts";
import { type ModelKind, modelOf } from "../../../../src/simulator/triton/models.ts";

const read = (body: unknown, kind: ModelKind = "tensorrt_llm_bls") =>
  readMembers(modelOf({ name: "m", kind }), Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
const refused = (status: number, message: string) => expect.objectContaining({ status, message: expect.stringContaining(message) });

describe("the members of a generate request", () => {
  it("are tensors wherever they stand, and anything else besides", () => {
    const { inputs, members } = read({ id: "x", text_input: "a", parameters: { max_tokens: 4, foo: "bar" } });
    expect(inputs).toMatchObject({ text_input: "a", max_tokens: 4, foo: "bar" });
    expect(members["id"]).toBe("x");
  });

  it("are counted first: as many of any name as are needed pass", () => {
    expect(() => read({ text_input: "a" })).toThrow(
      refused(
        400,
        "expected number of inputs between 2 and 24 but got 1 inputs for model 'm'. Got input(s) ['text_input'], but missing required input(s) ['max_tokens']",
      ),
    );
    expect(read({ seed: 1, stream: true }).inputs).toMatchObject({ seed: 1 });
  });

  it.each([
    [{ max_tokens: 2.5 }, "attempt to access JSON non-signed-integer as signed-integer"],
    [{ seed: -1 }, "attempt to access JSON non-unsigned-integer as unsigned-integer"],
    [{ temperature: "1" }, "attempt to access JSON non-number as number"],
    [{ stream: "true" }, "attempt to access JSON non-boolean as boolean"],
    [{ stop_words: ["a", 5] }, "attempt to access JSON non-string as string"],
  ])("of the wrong type are a 500: %j", (more, message) => {
    expect(() => read({ text_input: "a", max_tokens: 4, ...more })).toThrow(refused(500, message));
  });

  it("may be a whole number where floats are meant, and a list of one where one is meant", () => {
    expect(read({ text_input: ["a"], max_tokens: [4], temperature: 1 }).inputs).toMatchObject({ temperature: 1 });
    expect([only([5, 6]), only(5), only([])]).toEqual([5, 5, undefined]);
  });

  it("are no list among the parameters, and no list as a whole", () => {
    expect(() => read({ text_input: "a", parameters: { stop: ["x"] } })).toThrow(refused(400, "parameter 'stop' has invalid type"));
    expect(() => read("[]")).toThrow(refused(500, "attempt to get members for non-object"));
    expect(() => read("")).toThrow(refused(500, "The document is empty. at 0"));
  });
});
