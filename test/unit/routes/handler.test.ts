import { describe, expect, it } from "vitest";
import { Fault } from "../../../src/faults.ts";
import { answerJson, answerText, refuse } from "../../../src/routes/handler.ts";
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
