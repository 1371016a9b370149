import { describe, expect, it } from "vitest";
import { Fault } from "../../../src/faults.ts";
import { errorBody, errorFrame, errorHeaders, withHelp } from "../../../src/openai/errors.ts";

describe("errors on the wire", () => {
  it("have all four keys, and what the fault adds", () => {
    expect(JSON.parse(errorBody(new Fault("invalid_json")).toString())).toEqual({
      error: { message: "We could not parse the JSON body of your request.", type: "invalid_request_error", param: null, code: null },
    });
    const more = new Fault("sov_no_admissible", { extra: { sovereignty: { excluded: 3 }, message: "never" }, param: "model" });
    expect(JSON.parse(errorBody(more).toString())).toMatchObject({
      error: { sovereignty: { excluded: 3 }, param: "model", code: "SOV_NO_ADMISSIBLE", message: more.message },
    });
  });

  it("are one event of a stream", () => {
    const text = errorFrame(new Fault("engine_failed", { text: "a\nb" })).toString();
    expect(text).toMatch(/^data: \{"error":\{.*\}\}\n\n$/);
    expect(text.split("\n")).toHaveLength(3);
  });

  it("say when to come back", () => {
    expect(errorHeaders(new Fault("rate_limit_tokens", { retryAfterMs: 1_200.4 }))).toEqual([
      "retry-after",
      "2",
      "retry-after-ms",
      "1201",
      "x-should-retry",
      "true",
    ]);
    expect(errorHeaders(new Fault("engine_overloaded"))).toEqual(["retry-after", "1", "retry-after-ms", "1000"]);
    expect(errorHeaders(new Fault("rate_limit_requests", { retryAfterMs: 3 }))).toContain("1");
  });

  it("never invite to retry what cannot succeed", () => {
    expect(errorHeaders(new Fault("insufficient_quota", { retryAfterMs: 5_000 }))).toEqual(["x-should-retry", "false"]);
    expect(errorHeaders(new Fault("invalid_json"))).toEqual([]);
  });

  it("carry the fault's own headers", () => {
    expect(errorHeaders(new Fault("wrong_cell", { headers: { location: "x" } }))).toEqual(["location", "x"]);
  });
});

describe("withHelp", () => {
  const brand = { supportUrl: "https://brand.test/help" };

  it.each(["invalid_api_key", "sov_no_admissible", "insufficient_quota", "engine_failed", "overloaded", "internal"] as const)(
    "says behind %s where a person gets help, and changes nothing else",
    (name) => {
      const fault = new Fault(name, {
        text: "As it is.",
        param: "model",
        retryAfterMs: 7,
        extra: { a: 1 },
        headers: { b: "2" },
        detail: "c",
      });
      const helped = withHelp(fault, brand);
      expect(helped.message).toBe("As it is. Help: https://brand.test/help");
      expect({ ...helped, message: "" }).toEqual({ ...fault, message: "" });
    },
  );

  it.each(["invalid_value", "model_not_found", "unknown_host"] as const)("leaves %s as it is: the caller mends that", (name) => {
    expect(withHelp(new Fault(name), brand)).toEqual(new Fault(name));
  });

  it("says nothing where no brand is known, or it has no such place", () => {
    const fault = new Fault("overloaded");
    expect([withHelp(fault, undefined), withHelp(fault, { supportUrl: undefined })]).toEqual([fault, fault]);
  });
});
