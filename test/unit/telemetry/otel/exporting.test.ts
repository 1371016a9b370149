import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import type { Exporter } from "../../../../src/domain/estate.ts";
import { Exporting } from "../../../../src/telemetry/otel/exporting.ts";
import { served } from "../records.ts";
import { FakeCollector, HandClock, settled } from "./fixture.ts";

const EXPORTER: Exporter = {
  endpoint: "http://collector:4318",
  headers: new Map(),
  standing: undefined,
  facts: { facts: new Map(), certificates: [] },
  serviceName: "test",
  tracesRatio: 1,
  metricsIntervalMs: 10_000,
};

function bench() {
  const clock = new HandClock();
  const collector = new FakeCollector();
  const said: unknown[] = [];
  const registry = new Registry();
  const exporting = new Exporting({
    exporter: EXPORTER,
    version: "1.2.3",
    clock,
    random: { unit: () => 0, id: (prefix) => `${prefix}_${"5".repeat(32)}` },
    admits: () => true,
    registry,
    say: (level, message, fields) => said.push([level, message, fields]),
    collector,
  });
  const request = (): void => exporting.tracer.start({ header: () => undefined, values: () => [] }, "chat").end(served(), "alias");
  return { clock, collector, said, registry, exporting, request };
}

it("sends spans soon, and metrics at their interval", async () => {
  const { clock, collector, request, registry } = bench();
  request();
  clock.advance(BOUNDS.otlpDrainMs);
  await settled();
  expect([collector.sent.length, collector.numbers.length]).toEqual([1, 0]);
  expect(collector.sent[0]?.[0]?.resource.attributes).toEqual({
    "service.name": "test",
    "service.version": "1.2.3",
    "service.instance.id": `instance_${"5".repeat(32)}`,
  });
  expect(collector.sent[0]?.[0]?.spanContext().spanId).toBe("5".repeat(16));
  clock.advance(EXPORTER.metricsIntervalMs);
  await settled();
  expect(collector.numbers).toHaveLength(1);
  expect(await registry.metrics()).toContain('gateway_otlp_exports_total{signal="traces",result="sent"} 1');
});

it("says once when exports begin to fail, and once when they arrive again", async () => {
  const { clock, collector, request, said } = bench();
  for (const trouble of ["ECONNREFUSED", "ECONNREFUSED", undefined, undefined]) {
    collector.trouble = trouble;
    request();
    clock.advance(BOUNDS.otlpDrainMs);
    await settled();
  }
  expect(said).toEqual([
    [
      "warn",
      "the collector does not take exports; they are dropped",
      { signal: "traces", endpoint: EXPORTER.endpoint, why: "ECONNREFUSED" },
    ],
    ["info", "the collector takes exports again", { signal: "traces", endpoint: EXPORTER.endpoint }],
  ]);
});

it("sends what is left when it ends, and waits no longer than it may", async () => {
  const ending = bench();
  ending.request();
  await ending.exporting.close();
  expect([ending.collector.sent.length, ending.collector.numbers.length, ending.collector.closed]).toEqual([1, 1, true]);

  const hanging = bench();
  hanging.collector.trouble = new Promise(() => undefined);
  hanging.request();
  const closed = hanging.exporting.close();
  await settled();
  expect(hanging.collector.closed).toBe(false);
  hanging.clock.advance(BOUNDS.otlpCloseMsMax);
  await closed;
  expect([hanging.collector.closed, hanging.clock.timers]).toEqual([true, 0]);
});
