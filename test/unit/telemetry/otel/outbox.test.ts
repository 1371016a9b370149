import { emptyResource } from "@opentelemetry/resources";
import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { Counts } from "../../../../src/telemetry/otel/counts.ts";
import type { Finished } from "../../../../src/telemetry/otel/followed.ts";
import type { Admits } from "../../../../src/telemetry/otel/hearing.ts";
import { Outbox } from "../../../../src/telemetry/otel/outbox.ts";
import { spansOf } from "../../../../src/telemetry/otel/spans.ts";
import { another, FakeCollector, finished, HandClock } from "./fixture.ts";

class Bench {
  readonly clock = new HandClock();
  readonly collector = new FakeCollector();
  readonly counts = new Counts();
  readonly counted: Finished[] = [];
  admits: Admits = () => true;
  /** Whether there is room for more numbers. */
  room = true;
  readonly outbox = new Outbox({
    clock: this.clock,
    admits: (question) => this.admits(question),
    counts: this.counts,
    numbers: { add: (request) => this.room && this.counted.push(request) > 0 },
    spansOf: (request) => spansOf(request, { resource: emptyResource(), scope: { name: "test" }, spanId: () => "1".repeat(16) }),
    send: (spans) => this.collector.spans(spans),
    ended: () => undefined,
  });

  offer(count: number, over: Partial<Finished> = {}): void {
    for (let n = 0; n < count; n++) this.outbox.offer(another(over));
  }

  /** Requests in each export: their own spans come with one of an attempt each. */
  get exports(): readonly number[] {
    return this.collector.sent.map((spans) => spans.length / 2);
  }
}

describe("Outbox", () => {
  it("asks no law on the way of a request", async () => {
    const bench = new Bench();
    let asked = 0;
    bench.admits = () => (asked += 1) > 0;
    bench.offer(BOUNDS.otlpDrainRequests * 2);
    expect([asked, bench.clock.turns.length]).toEqual([0, 1]);
    bench.clock.endTurn();
    expect([asked > 0, bench.counted.length]).toEqual([true, BOUNDS.otlpDrainRequests * 2]);
    await bench.outbox.flush();
    expect(bench.exports).toEqual([BOUNDS.otlpBatchRequests]);
  });

  it("sends the spans of those that were drawn, and counts all", async () => {
    const bench = new Bench();
    bench.offer(2);
    bench.offer(3, { sampled: false });
    await bench.outbox.flush();
    expect([bench.exports, bench.counted.length, bench.counts.requestsOf("traces", "sent")]).toEqual([[2], 5, 2]);
  });

  it("withholds what the law does not let go, and what has no law", async () => {
    const bench = new Bench();
    bench.admits = ({ require }) => require === undefined;
    bench.outbox.offer(finished({ require: "country=(FR)" }));
    bench.outbox.offer(finished({}, { principal: undefined }));
    bench.outbox.offer(finished({}, { model: undefined }));
    await bench.outbox.flush();
    expect([bench.exports, bench.counted]).toEqual([[], []]);
    expect([bench.counts.requestsOf("traces", "withheld"), bench.counts.requestsOf("metrics", "withheld")]).toEqual([3, 3]);
  });

  it("asks the law again in the instant before sending", async () => {
    const bench = new Bench();
    bench.offer(2);
    bench.outbox.drain();
    bench.admits = () => false;
    await bench.outbox.ship();
    expect([bench.exports, bench.counts.requestsOf("traces", "withheld")]).toEqual([[], 2]);
  });

  it("asks it of every batch, also of one that waited behind another", async () => {
    const bench = new Bench();
    const answer = Promise.withResolvers<undefined>();
    bench.collector.trouble = answer.promise;
    bench.offer(BOUNDS.otlpBatchRequests + 1);
    const flushed = bench.outbox.flush();
    bench.admits = () => false;
    answer.resolve(undefined);
    await flushed;
    expect(bench.exports).toEqual([BOUNDS.otlpBatchRequests]);
  });

  it("forgets what does not fit before a collector that hangs, and says so", () => {
    const bench = new Bench();
    bench.collector.trouble = new Promise(() => undefined);
    const max = BOUNDS.otlpQueueRequestsMax;
    for (let n = 0; n < 5; n++) {
      bench.offer(max);
      bench.clock.endTurn();
    }
    expect(bench.counted).toHaveLength(5 * max);
    expect(bench.exports).toEqual([BOUNDS.otlpBatchRequests]);
    expect(bench.counts.requestsOf("traces", "dropped")).toBe(4 * max - BOUNDS.otlpBatchRequests);
  });

  it("takes no more in one turn than it has room for", () => {
    const bench = new Bench();
    bench.offer(BOUNDS.otlpQueueRequestsMax + 7);
    expect([bench.counts.requestsOf("metrics", "dropped"), bench.counts.requestsOf("traces", "dropped")]).toEqual([7, 7]);
    bench.offer(1, { sampled: false });
    expect([bench.counts.requestsOf("metrics", "dropped"), bench.counts.requestsOf("traces", "dropped")]).toEqual([8, 7]);
  });

  it("drops a batch that was not taken, and stops until it is asked again", async () => {
    const bench = new Bench();
    bench.collector.trouble = "ECONNREFUSED";
    bench.offer(BOUNDS.otlpBatchRequests * 2);
    await bench.outbox.flush();
    expect([bench.exports.length, bench.counts.requestsOf("traces", "dropped")]).toEqual([1, BOUNDS.otlpBatchRequests]);
    bench.collector.trouble = undefined;
    await bench.outbox.ship();
    expect(bench.counts.requestsOf("traces", "sent")).toBe(BOUNDS.otlpBatchRequests);
  });

  it("counts numbers that have no room as dropped", () => {
    const bench = new Bench();
    bench.room = false;
    bench.offer(1);
    bench.outbox.drain();
    expect(bench.counts.requestsOf("metrics", "dropped")).toBe(1);
  });
});
