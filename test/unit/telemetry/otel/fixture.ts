/** A clock that is moved by hand, a collector that is asked by hand, and requests as they are followed. */
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { backendId, requestId } from "../../../../src/domain/ids.ts";
import { Fault, type FaultName } from "../../../../src/faults.ts";
import type { Clock, Failure, RequestRecord } from "../../../../src/ports.ts";
import type { Collector, Trouble } from "../../../../src/telemetry/otel/collector.ts";
import { type Finished, FollowedAttempt } from "../../../../src/telemetry/otel/followed.ts";
import { standing } from "../../policies/fixture.ts";
import { served } from "../records.ts";

export const AT_MS = 1_780_000_000_000;

interface Timer {
  dueMs: number;
  readonly everyMs: number | undefined;
  readonly then: () => void;
}

export class HandClock implements Clock {
  #ms = 0;
  #timers: Timer[] = [];
  readonly turns: (() => void)[] = [];

  nowMs(): number {
    return AT_MS + Math.floor(this.#ms);
  }

  monotonicMs(): number {
    return this.#ms;
  }

  after(ms: number, then: () => void): () => void {
    return this.#add({ dueMs: this.#ms + ms, everyMs: undefined, then });
  }

  every(ms: number, then: () => void): () => void {
    return this.#add({ dueMs: this.#ms + ms, everyMs: ms, then });
  }

  turn(then: () => void): void {
    this.turns.push(then);
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** What was left for the end of the turn, and what that leaves. */
  endTurn(): void {
    for (let then = this.turns.shift(); then !== undefined; then = this.turns.shift()) then();
  }

  advance(ms: number): void {
    const untilMs = this.#ms + ms;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#ms = next.dueMs;
      if (next.everyMs === undefined) this.#timers = this.#timers.filter((timer) => timer !== next);
      else next.dueMs += next.everyMs;
      next.then();
    }
    this.#ms = untilMs;
  }

  #next(untilMs: number): Timer | undefined {
    return this.#timers.filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  }

  #add(timer: Timer): () => void {
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((each) => each !== timer));
  }
}

export class FakeCollector implements Collector {
  readonly sent: ReadableSpan[][] = [];
  readonly numbers: ResourceMetrics[] = [];
  /** What every export ends with; a promise that never ends for one that hangs. */
  trouble: Trouble | Promise<Trouble>;
  closed = false;

  spans(spans: ReadableSpan[]): Promise<Trouble> {
    this.sent.push(spans);
    return Promise.resolve(this.trouble);
  }

  metrics(metrics: ResourceMetrics): Promise<Trouble> {
    this.numbers.push(metrics);
    return Promise.resolve(this.trouble);
  }

  close(): void {
    this.closed = true;
  }
}

export const BACKEND = { ...standing("gpu-1", "DE"), id: backendId("gpu-1") };

export const failureOf = (fault: FaultName): Failure => ({ fault: new Fault(fault, { detail: "canary" }), elsewhere: true, sick: true });

/** A chat that took 1250 ms and was served by the only backend that was asked. */
export function finished(over: Partial<Finished> = {}, record: Partial<RequestRecord> = {}): Finished {
  const attempt = new FollowedAttempt(BACKEND, { monotonicMs: () => 10 });
  attempt.endedMs = 1_240;
  return {
    wire: "chat",
    atMs: AT_MS,
    require: undefined,
    parent: undefined,
    sampled: true,
    startedMs: 5,
    attempts: [attempt],
    record: served(record),
    alias: "shop/llama",
    ...over,
  };
}

let requests = 0;

/** One more request, with an id of its own. */
export const another = (over: Partial<Finished> = {}): Finished =>
  finished(over, { request: requestId((requests += 1).toString(16).padStart(32, "0")) });

/** All that follows from promises that have been kept. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
