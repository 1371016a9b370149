import { describe, expect, it } from "vitest";
import { Fault } from "../../../src/faults.ts";
import { answerJson, answerText, atTheDoor, refuse, withHelp } from "../../../src/routes/handler.ts";
import { FakeExit, REQUEST } from "../stages/fixture.ts";

describe("refuse", () => {
  it("answers in OpenAI's shape, under the request's id, with what the fault brings", () => {
    const exit = new FakeExit();
    refuse(exit, new Fault("rate_limit_requests", { retryAfterMs: 1_500, headers: { "x-more": "1" } }), REQUEST);
    expect([exit.status, exit.state]).toEqual([429, "ended"]);
    expect(exit.header("content-type")).toBe("application/json");
    expect([exit.header("x-request-id"), exit.header("request-id")]).toEqual([REQUEST, REQUEST]);
    expect([exit.header("retry-after"), exit.header("retry-after-ms"), exit.header("x-more")]).toEqual(["2", "1500", "1"]);
    expect(JSON.parse(exit.text)).toEqual({
      error: { message: "Request limit reached.", type: "requests", param: null, code: "rate_limit_exceeded" },
    });
  });

  it("cuts an answer that has begun: nothing may follow what looks like success", () => {
    const exit = new FakeExit();
    exit.head(200, ["content-type", "text/event-stream"]);
    exit.write(Buffer.from("data: {}\n\n"));
    refuse(exit, new Fault("engine_failed"), REQUEST);
    expect([exit.state, exit.status, exit.text]).toEqual(["aborted", 200, "data: {}\n\n"]);
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

describe("atTheDoor", () => {
  const door = { failed: (address: string) => Promise.resolve(address === "open"), keyless: () => Promise.resolve(true) };

  it("counts who comes with a wrong key and who comes with none apart", async () => {
    const [wrong, none] = [new Fault("invalid_api_key"), new Fault("missing_key")];
    expect(await atTheDoor(wrong, "open", door)).toBe(wrong);
    expect(await atTheDoor(none, "closed", door)).toBe(none);
    expect(await atTheDoor(wrong, "closed", door)).toMatchObject({ fault: "too_many_attempts", retryAfterMs: 60_000 });
    expect(await atTheDoor(none, "closed", { ...door, keyless: () => Promise.resolve(false) })).toMatchObject({
      fault: "too_many_attempts",
    });
  });

  it("counts nothing else", async () => {
    const other = new Fault("sov_no_admissible");
    expect(await atTheDoor(other, "closed", door)).toBe(other);
  });
});

describe("answerText", () => {
  it("answers what is never cached, and tells the log its status", () => {
    const exit = new FakeExit();
    const visit = { request: REQUEST, status: 200, principal: undefined };
    answerText(exit, visit, { status: 503, text: "not ready\n" });
    expect([exit.status, exit.text, exit.header("cache-control"), visit.status]).toEqual([503, "not ready\n", "no-store", 503]);
  });
});

describe("answerJson", () => {
  it("answers 200 in one piece, with more headers where there are any", () => {
    const exit = new FakeExit();
    answerJson(exit, REQUEST, Buffer.from("{}"), ["cache-control", "no-store"]);
    expect([exit.status, exit.text, exit.state]).toEqual([200, "{}", "ended"]);
    expect([exit.header("content-type"), exit.header("x-request-id"), exit.header("cache-control")]).toEqual([
      "application/json",
      REQUEST,
      "no-store",
    ]);
  });
});
