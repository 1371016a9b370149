import { describe, expect, it } from "vitest";
import { isGiven, isList, isRecord, parseBody, unsupported, wrongType, wrongValue } from "../../../../src/backends/triton/body.ts";
import { chat } from "../support.ts";

describe("a body as values", () => {
  it("is read from the caller's bytes", () => {
    expect(parseBody(chat({ user: "ü" }))).toMatchObject({ user: "ü", model: "acme/small" });
    const broken = { ...chat(), body: Buffer.from("[1]") };
    expect(() => parseBody(broken)).toThrow(expect.objectContaining({ fault: "invalid_json" }));
    expect(() => parseBody({ ...broken, body: Buffer.from("{") })).toThrow(expect.objectContaining({ fault: "invalid_json" }));
  });

  it("null is as good as nothing", () => {
    expect([isGiven(null), isGiven(undefined), isGiven(0), isGiven(false)]).toEqual([false, false, true, true]);
    expect([isRecord({}), isRecord([]), isRecord(null), isRecord("x")]).toEqual([true, false, false, false]);
    expect([isList([]), isList({})]).toEqual([true, false]);
  });

  it("is refused by the parameter's name", () => {
    expect(unsupported("logprobs")).toMatchObject({ fault: "unsupported_parameter", param: "logprobs" });
    expect(wrongType("stop", "a string").message).toBe("Invalid type for 'stop': expected a string.");
    expect(wrongValue("seed", "below 0").message).toBe("Invalid value for 'seed': below 0.");
  });
});
