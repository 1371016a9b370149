import { describe, expect, it } from "vitest";
import { backendId, modelId } from "../../../src/domain/ids.ts";
import type { RequestRecord } from "../../../src/ports.ts";
import { Metrics, type Gauges } from "../../../src/telemetry/metrics.ts";
import { refused, served } from "./records.ts";

const IDLE: Gauges = { requestsInFlight: () => 0, backends: () => [] };
const CHAT = 'route="/v1/chat/completions",msp="kontor",model="llama"';

/** Series of a scrape by name and labels, as the page writes them. */
async function scraped(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const page = await metrics.registry.metrics();
  const lines = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

async function counted(...records: readonly RequestRecord[]): Promise<ReadonlyMap<string, number>> {
  const metrics = new Metrics(IDLE);
  for (const record of records) metrics.count(record);
  return scraped(metrics);
}

describe("what has been", () => {
  it("counts requests by how they ended", async () => {
    const series = await counted(served(), served(), served({ status: 502, outcome: "failed", fault: "engine_failed" }), refused());
    expect(series.get(`gateway_requests_total{${CHAT},status="200",outcome="served"}`)).toBe(2);
    expect(series.get(`gateway_requests_total{${CHAT},status="502",outcome="failed"}`)).toBe(1);
    expect(series.get('gateway_requests_total{route="/v1/chat/completions",msp="",model="",status="401",outcome="refused"}')).toBe(1);
    expect(series.get('gateway_faults_total{fault="engine_failed"}')).toBe(1);
    expect(series.get('gateway_faults_total{fault="invalid_api_key"}')).toBe(1);
    expect(series.get('gateway_backend_requests_total{backend="gpu-1"}')).toBe(3);
  });

  it("sums tokens by MSP, model and kind, over routes", async () => {
    const series = await counted(served(), served({ route: "/v1/completions" }), served({ usage: undefined }));
    const tokens = (kind: string) => series.get(`gateway_tokens_total{msp="kontor",model="llama",kind="${kind}"}`);
    expect([tokens("prompt"), tokens("cached"), tokens("completion")]).toEqual([24, 8, 60]);
  });

  it("has no tokens where there was no model", async () => {
    const series = await counted(refused());
    expect([...series.keys()].filter((name) => name.startsWith("gateway_tokens_total"))).toEqual([]);
  });

  it("measures durations in seconds, and the first byte only where there was one", async () => {
    const series = await counted(served({ durationMs: 300, firstByteMs: 20 }), served({ durationMs: 2_000, firstByteMs: undefined }));
    expect(series.get(`gateway_request_duration_seconds_count{${CHAT}}`)).toBe(2);
    expect(series.get(`gateway_request_duration_seconds_sum{${CHAT}}`)).toBeCloseTo(2.3);
    expect(series.get(`gateway_request_duration_seconds_bucket{le="0.5",${CHAT}}`)).toBe(1);
    expect(series.get(`gateway_first_byte_seconds_count{${CHAT}}`)).toBe(1);
    expect(series.get(`gateway_first_byte_seconds_bucket{le="0.025",${CHAT}}`)).toBe(1);
  });

  it("says the same at every scrape", async () => {
    const metrics = new Metrics(IDLE);
    metrics.count(served());
    expect(await scraped(metrics)).toEqual(await scraped(metrics));
  });

  it("grows by what is declared, not by requests", async () => {
    const metrics = new Metrics(IDLE);
    metrics.count(served());
    const before = (await scraped(metrics)).size;
    for (let nth = 0; nth < 50; nth += 1) metrics.count(served({ durationMs: nth, attempts: nth }));
    expect((await scraped(metrics)).size).toBe(before);
    metrics.count(served({ model: modelId("other"), backend: backendId("gpu-2") }));
    expect((await scraped(metrics)).size).toBeGreaterThan(before);
  });
});

describe("what is", () => {
  it("is read when somebody scrapes", async () => {
    let inFlight = 3;
    const backends = [
      { id: "gpu-1", inFlight: 2, up: true },
      { id: "gpu-2", inFlight: 0, up: false },
    ];
    const metrics = new Metrics({ requestsInFlight: () => inFlight, backends: () => backends });
    const first = await scraped(metrics);
    expect(first.get("gateway_requests_in_flight")).toBe(3);
    expect(first.get('gateway_backend_in_flight{backend="gpu-1"}')).toBe(2);
    expect([first.get('gateway_backend_up{backend="gpu-1"}'), first.get('gateway_backend_up{backend="gpu-2"}')]).toEqual([1, 0]);
    inFlight = 0;
    expect((await scraped(metrics)).get("gateway_requests_in_flight")).toBe(0);
  });

  it("forgets a backend that is no longer declared", async () => {
    const backends = [{ id: "gpu-1", inFlight: 2, up: true }];
    const metrics = new Metrics({ requestsInFlight: () => 0, backends: () => backends });
    await scraped(metrics);
    backends.splice(0, 1, { id: "gpu-2", inFlight: 1, up: true });
    const names = [...(await scraped(metrics)).keys()].filter((name) => name.startsWith("gateway_backend_"));
    expect(names.sort()).toEqual(['gateway_backend_in_flight{backend="gpu-2"}', 'gateway_backend_up{backend="gpu-2"}']);
  });
});
