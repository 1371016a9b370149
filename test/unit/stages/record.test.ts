import { describe, expect, it } from "vitest";
import { Fault } from "../../../src/faults.ts";
import { Delivery } from "../../../src/stages/delivery.ts";
import { recordOf, type Trace } from "../../../src/stages/record.ts";
import { arrivalOf, BACKENDS, bench, callOf, FakeExit, REQUEST, StageClock } from "./fixture.ts";

const { principal } = bench();
const clock = new StageClock();
clock.advance(100);
const traceOf = (rest: Partial<Trace> = {}): Trace => ({ request: REQUEST, arrival: arrivalOf(), startedMs: 20, attempts: 0, ...rest });

function started(): Delivery {
  const delivery = new Delivery(new FakeExit(), clock, { stream: true, headers: () => [] });
  delivery.write(Buffer.from("x"));
  return delivery;
}

describe("recordOf", () => {
  it("states a served request whole", () => {
    const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 2, source: "backend" } as const;
    const record = recordOf(
      traceOf({
        principal,
        call: callOf({ stream: true }),
        delivery: started(),
        backend: BACKENDS[0],
        attempts: 1,
        ending: { outcome: "served", fault: undefined },
        bill: { usage, amount: 5, anomalies: [] },
      }),
      clock,
    );
    expect(record).toMatchObject({
      request: REQUEST,
      method: "POST",
      route: "/v1/chat/completions",
      status: 200,
      fault: undefined,
      outcome: "served",
      backend: "a",
      model: "llama",
      stream: true,
      usage,
      amount: 5,
      attempts: 1,
      firstByteMs: 80,
      durationMs: 80,
    });
  });

  it("states what was refused before it had a call", () => {
    expect(recordOf(traceOf({ thrown: new Fault("invalid_api_key") }), clock)).toMatchObject({
      status: 401,
      fault: "invalid_api_key",
      outcome: "refused",
      principal: undefined,
      model: undefined,
      firstByteMs: undefined,
    });
  });

  it("says 200 of what broke behind the first byte, and names the fault", () => {
    const fault = new Fault("engine_failed", { detail: "connection broke" });
    expect(recordOf(traceOf({ delivery: started(), ending: { outcome: "failed", fault } }), clock)).toMatchObject({
      status: 200,
      fault: "engine_failed",
      detail: "connection broke",
      outcome: "failed",
    });
  });

  it("calls a broken invariant internal, 500, with its words for the operator alone", () => {
    expect(recordOf(traceOf({ thrown: new Error("no such thing") }), clock)).toMatchObject({
      status: 500,
      fault: "internal",
      detail: "Error: no such thing",
    });
  });

  it("holds no content", () => {
    const text = JSON.stringify(
      recordOf(traceOf({ principal, call: callOf({ messages: [{ role: "user", content: "secret words" }] }) }), clock),
      (_, value: unknown) => (value instanceof Map || value instanceof Set ? [...value] : value),
    );
    expect(text).not.toContain("secret words");
  });
});
