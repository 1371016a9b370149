import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { Counts } from "../../../../src/telemetry/otel/counts.ts";

it("shows what became of requests and exports, from the beginning", async () => {
  const counts = new Counts();
  const registry = new Registry();
  counts.show(registry);
  expect(await registry.metrics()).toContain('gateway_otlp_requests_total{signal="traces",result="dropped"} 0');
  counts.requests("traces", "dropped");
  counts.requests("traces", "dropped", 2);
  counts.exported("metrics", "failed");
  const page = await registry.metrics();
  expect(page).toContain('gateway_otlp_requests_total{signal="traces",result="dropped"} 3');
  expect(page).toContain('gateway_otlp_exports_total{signal="metrics",result="failed"} 1');
  expect([counts.requestsOf("traces", "dropped"), counts.exportsOf("metrics", "sent")]).toEqual([3, 0]);
});
