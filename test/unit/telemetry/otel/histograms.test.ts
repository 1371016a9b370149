import { emptyResource } from "@opentelemetry/resources";
import { expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import type { Finished } from "../../../../src/telemetry/otel/followed.ts";
import { Histograms } from "../../../../src/telemetry/otel/histograms.ts";
import { finished } from "./fixture.ts";

interface Point {
  readonly metric: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: { readonly count: number; readonly sum: number };
}

async function pointsOf(histograms: Histograms): Promise<readonly Point[]> {
  const { scopeMetrics } = await histograms.collect();
  return scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => {
        if (typeof value === "number" || !("count" in value)) throw new Error("a histogram was expected");
        return { metric: descriptor.name, attributes, value: { count: value.count, sum: value.sum ?? 0 } };
      }),
    ),
  );
}

async function points(...requests: readonly Finished[]): Promise<readonly Point[]> {
  const histograms = new Histograms(emptyResource(), { name: "test", version: "1" });
  for (const request of requests) histograms.record(request);
  return pointsOf(histograms);
}

const named = (all: readonly Point[], metric: string) => all.filter((each) => each.metric === `gen_ai.${metric}`);

it("adds up time and tokens", async () => {
  const all = await points(finished(), finished());
  expect(named(all, "server.request.duration")[0]?.value).toMatchObject({ count: 2, sum: 2.50008 });
  expect(named(all, "server.time_to_first_token")[0]?.value.sum).toBeCloseTo(0.08012, 6);
  expect(named(all, "server.time_per_output_token")[0]?.value.sum).toBeCloseTo((2 * 1.20998) / 29, 6);
  const tokens = named(all, "client.token.usage").map(({ attributes, value }) => [attributes["gen_ai.token.type"], value.sum]);
  expect(tokens).toEqual([
    ["input", 24],
    ["output", 60],
  ]);
});

it("goes on with its sums", async () => {
  const histograms = new Histograms(emptyResource(), { name: "test", version: "1" });
  histograms.record(finished());
  await histograms.collect();
  histograms.record(finished());
  expect(named(await pointsOf(histograms), "server.request.duration")[0]?.value.count).toBe(2);
});

it("times the tokens of streams that were served, and no other", async () => {
  const all = await points(finished({}, { stream: false }), finished({}, { outcome: "failed", fault: "engine_failed" }));
  expect([named(all, "server.time_to_first_token"), named(all, "server.time_per_output_token")]).toEqual([[], []]);
  expect(named(all, "server.request.duration").map(({ attributes }) => attributes["error.type"])).toEqual([undefined, "engine_failed"]);
});

it("counts no output where nothing is generated, and nothing where nothing was used", async () => {
  const embedded = await points(finished({ wire: "embeddings" }));
  expect(named(embedded, "client.token.usage").map(({ attributes }) => attributes["gen_ai.token.type"])).toEqual(["input"]);
  const free = await points(finished({}, { usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0, source: "none" } }));
  expect(named(free, "client.token.usage")).toEqual([]);
});

it("keeps a bounded number of series", async () => {
  const many = Array.from({ length: BOUNDS.otlpSeriesMax + 50 }, (_, n) => finished({ alias: `alias-${n}` }));
  expect(named(await points(...many), "server.request.duration")).toHaveLength(BOUNDS.otlpSeriesMax);
});
