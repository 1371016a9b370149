import { expect, it } from "vitest";
import type { Finished } from "../../../../src/telemetry/otel/followed.ts";
import { SamplingTracer } from "../../../../src/telemetry/otel/tracer.ts";
import { served } from "../records.ts";
import { AT_MS, HandClock } from "./fixture.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

function headOf(headers: Readonly<Record<string, string>>, { ratio = 0.5, unit = 0.4 } = {}): Finished | undefined {
  let found: Finished | undefined;
  const tracer = new SamplingTracer({
    clock: new HandClock(),
    random: { unit: () => unit },
    ratio,
    finished: (request) => (found = request),
  });
  const values = (name: string): readonly string[] => (headers[name] === undefined ? [] : [headers[name]]);
  tracer.start({ header: (name) => headers[name], values }, "chat").end(served(), "alias");
  return found;
}

it("draws which requests are sampled", () => {
  expect(headOf({}, { ratio: 0.5, unit: 0.49 })?.sampled).toBe(true);
  expect(headOf({}, { ratio: 0.5, unit: 0.5 })?.sampled).toBe(false);
  expect(headOf({}, { ratio: 0, unit: 0 })?.sampled).toBe(false);
  expect(headOf({}, { ratio: 1, unit: 0.999_999 })?.sampled).toBe(true);
});

it("leaves out who asks for it, and lets nobody in beyond the ratio", () => {
  const traceparent = (flags: string) => ({ traceparent: `00-${TRACE}-00f067aa0ba902b7-${flags}` });
  expect(headOf(traceparent("00"))?.sampled).toBe(false);
  expect(headOf(traceparent("01"))?.sampled).toBe(true);
  expect(headOf(traceparent("01"), { unit: 0.6 })?.sampled).toBe(false);
});

it("remembers the head and what the request requires", () => {
  expect(headOf({ traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, "sovereignty-require": "country=(FR)" })).toMatchObject({
    wire: "chat",
    atMs: AT_MS,
    alias: "alias",
    require: "country=(FR)",
    parent: { traceId: TRACE, sampled: true },
  });
});
