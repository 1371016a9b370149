import { emptyResource } from "@opentelemetry/resources";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { Counts } from "../../../../src/telemetry/otel/counts.ts";
import type { Finished } from "../../../../src/telemetry/otel/followed.ts";
import { type Admits, Hearing, named } from "../../../../src/telemetry/otel/hearing.ts";
import { Histograms } from "../../../../src/telemetry/otel/histograms.ts";
import { Numbers } from "../../../../src/telemetry/otel/numbers.ts";
import { FakeCollector, finished, settled } from "./fixture.ts";

class Bench {
  readonly collector = new FakeCollector();
  readonly counts = new Counts();
  readonly ends: unknown[] = [];
  admits: Admits = () => true;
  readonly numbers = new Numbers({
    counts: this.counts,
    histograms: () => new Histograms(emptyResource(), { name: "test", version: "1" }),
    send: (metrics) => this.collector.metrics(metrics),
    ended: (trouble) => this.ends.push(trouble),
  });

  add(request: Finished = finished()): boolean {
    const question = named(request);
    return question !== undefined && this.numbers.add(request, question);
  }

  ship(): Promise<void> {
    return this.numbers.ship(new Hearing((question) => this.admits(question)));
  }

  /** Requests in the sums of each export. */
  get exported(): readonly number[] {
    return this.collector.numbers.map(countOf);
  }
}

function countOf({ scopeMetrics }: ResourceMetrics): number {
  const duration = scopeMetrics.flatMap(({ metrics }) => metrics).find(({ descriptor }) => descriptor.name.endsWith("duration"));
  return (duration?.dataPoints ?? []).reduce(
    (sum, { value }) => sum + (typeof value === "object" && "count" in value ? value.count : 0),
    0,
  );
}

it("sends what is new, and nothing where nothing is", async () => {
  const bench = new Bench();
  await bench.ship();
  bench.add();
  await bench.ship();
  await bench.ship();
  bench.add();
  await bench.ship();
  expect([bench.exported, bench.ends, bench.counts.requestsOf("metrics", "sent")]).toEqual([[1, 2], [undefined, undefined], 2]);
});

it("throws all away when the law of one has turned before it was sent", async () => {
  const bench = new Bench();
  bench.add(finished({ require: "narrow" }));
  bench.add();
  bench.admits = ({ require }) => require === undefined;
  await bench.ship();
  expect([bench.exported, bench.counts.requestsOf("metrics", "withheld")]).toEqual([[], 2]);
  bench.add();
  await bench.ship();
  expect(bench.exported).toEqual([1]);
});

it("does not ask again about what has been sent", async () => {
  const bench = new Bench();
  bench.add(finished({ require: "narrow" }));
  await bench.ship();
  bench.admits = ({ require }) => require === undefined;
  bench.add();
  await bench.ship();
  expect(bench.exported).toEqual([1, 2]);
});

it("asks again about what an export that failed did not deliver", async () => {
  const bench = new Bench();
  bench.add(finished({ require: "narrow" }));
  bench.collector.trouble = "ECONNREFUSED";
  await bench.ship();
  bench.collector.trouble = undefined;
  bench.admits = ({ require }) => require === undefined;
  await bench.ship();
  expect([bench.exported, bench.ends, bench.counts.requestsOf("metrics", "withheld")]).toEqual([[1], ["ECONNREFUSED"], 1]);
});

it("has one export at a time", async () => {
  const bench = new Bench();
  const answer = Promise.withResolvers<undefined>();
  bench.collector.trouble = answer.promise;
  bench.add();
  const first = bench.ship();
  await settled();
  bench.add();
  await bench.ship();
  answer.resolve(undefined);
  await first;
  expect(bench.exported).toEqual([1]);
  await bench.ship();
  expect(bench.exported).toEqual([1, 2]);
});

it("takes a bounded number of different questions", () => {
  const bench = new Bench();
  for (let n = 0; n < BOUNDS.otlpQuestionsMax; n++) expect(bench.add(finished({ require: String(n) }))).toBe(true);
  expect([bench.add(finished({ require: "one more" })), bench.add(finished({ require: "0" }))]).toEqual([false, true]);
});
