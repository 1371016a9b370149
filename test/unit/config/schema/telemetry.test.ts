import { expect, it } from "vitest";
import { telemetry } from "../../../../src/config/schema/telemetry.ts";

const wrong = (otlp: Readonly<Record<string, unknown>>): boolean =>
  !telemetry.safeParse({ otlp: { endpoint: "http://c:4318", ...otlp } }).success;

it("needs an endpoint, and fills in the rest", () => {
  expect(telemetry.parse({})).toEqual({});
  expect(telemetry.safeParse({ otlp: {} }).success).toBe(false);
  expect(telemetry.parse({ otlp: { endpoint: "http://c:4318" } }).otlp).toEqual({
    endpoint: "http://c:4318",
    headers: {},
    facts: {},
    certificates: [],
    service_name: "bailiwick",
    traces: { ratio: 1 },
    metrics: { interval_ms: 60_000 },
  });
});

it.each([
  { endpoint: "grpc://c:4317" },
  { endpoint: "http://c:4318/v1" },
  { endpoint: "http://user:word@c:4318" },
  { traces: { ratio: 1.01 } },
  { traces: { ratio: -0.1 } },
  { metrics: { interval_ms: 10 } },
  { headers: { authorization: "inline" } },
  { headers: { Authorization: { env: "A" } } },
  { headers: { host: { env: "A" } } },
  { headers: { "content-type": { env: "A" } } },
  { headers: { "a b": { env: "A" } } },
  { protocol: "grpc" },
])("takes no %o", (otlp) => {
  expect(wrong(otlp)).toBe(true);
});
