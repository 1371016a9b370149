import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { Delivery } from "../../../src/stages/delivery.ts";
import { Live } from "../../../src/stages/live.ts";
import { BACKENDS, callOf, FakeExit, REQUEST, StageClock } from "./fixture.ts";

function living() {
  const marks: [string, number, number][] = [];
  const clock = new StageClock();
  const live = new Live({ checkpoint: (request, usage, amount) => void marks.push([request, usage.completionTokens, amount]) });
  const stop = live.start(clock);
  const delivery = new Delivery(new FakeExit(), clock, { stream: true, headers: () => [] });
  const observed = { reported: undefined, reports: 0, frames: 0, textBytes: 0, finished: false };
  const [backend] = BACKENDS;
  if (backend !== undefined) delivery.from(backend, observed);
  const hold = {
    promptTokensEstimate: 4,
    promptTokensMax: 100,
    completionTokensMax: 10,
    windows: { requests: undefined, tokens: undefined },
  };
  const end = live.begin(REQUEST, { call: callOf({ stream: true }), hold, delivery, startedMs: clock.monotonicMs() });
  return { marks, clock, live, stop, delivery, observed, end };
}

describe("Live", () => {
  it("marks once a period what a running answer has used", () => {
    const { marks, clock, delivery, observed } = living();
    clock.advance(BOUNDS.checkpointMs);
    expect(marks).toEqual([]);
    delivery.write(Buffer.from("x"));
    observed.frames = 3;
    clock.advance(BOUNDS.checkpointMs);
    observed.frames = 50;
    clock.advance(BOUNDS.checkpointMs);
    // Four prompt tokens at one micro-unit, and completion tokens at two, never above what was asked for.
    expect(marks).toEqual([
      [REQUEST, 3, 10],
      [REQUEST, 10, 24],
    ]);
  });

  it("marks nothing of a request that has ended, and nothing once stopped", () => {
    const { marks, clock, live, stop, delivery, observed, end } = living();
    delivery.write(Buffer.from("x"));
    observed.frames = 3;
    end();
    clock.advance(BOUNDS.checkpointMs);
    stop();
    expect([marks, clock.timers, live.size]).toEqual([[], 0, 0]);
  });

  it("ends a request that has outlived its total", () => {
    const { clock, delivery } = living();
    let lateMs = 0;
    delivery.attach(
      () => undefined,
      () => undefined,
      () => void (lateMs ||= clock.monotonicMs()),
    );
    clock.advance(BOUNDS.totalMsMax + 3 * BOUNDS.checkpointMs);
    expect(lateMs).toBeGreaterThan(BOUNDS.totalMsMax);
    expect(lateMs).toBeLessThanOrEqual(BOUNDS.totalMsMax + BOUNDS.checkpointMs);
  });

  it("tells when nothing is inside any more, admitted or not", async () => {
    const { live, end } = living();
    live.enter();
    live.enter();
    let empty = false;
    const waiting = live.empty().then(() => void (empty = true));
    await Promise.resolve();
    expect(empty).toBe(false);
    end();
    live.leave();
    await Promise.resolve();
    expect(empty).toBe(false);
    live.leave();
    await waiting;
    expect(empty).toBe(true);
    await live.empty();
  });
});

describe("Live with a timer for each request", () => {
  it("shows that each lives, whether or not something has come, and is still when it has ended", () => {
    const marks: [string, number][] = [];
    const clock = new StageClock();
    const live = new Live({ checkpoint: (request, usage) => void marks.push([request, usage.completionTokens]) }, clock);
    const delivery = new Delivery(new FakeExit(), clock, { stream: true, headers: () => [] });
    const observed = { reported: undefined, reports: 0, frames: 0, textBytes: 0, finished: false };
    const [backend] = BACKENDS;
    if (backend !== undefined) delivery.from(backend, observed);
    const windows = { requests: undefined, tokens: undefined };
    const hold = { promptTokensEstimate: 4, promptTokensMax: 100, completionTokensMax: 10, windows };
    const end = live.begin(REQUEST, { call: callOf({ stream: true }), hold, delivery, startedMs: clock.monotonicMs() });
    clock.advance(BOUNDS.leaseRenewMs);
    delivery.write(Buffer.from("x"));
    observed.frames = 3;
    clock.advance(BOUNDS.leaseRenewMs);
    end();
    clock.advance(BOUNDS.leaseRenewMs);
    expect(marks).toEqual([
      [REQUEST, 0],
      [REQUEST, 3],
    ]);
  });

  it("ends a request whose time is over", () => {
    const clock = new StageClock();
    const live = new Live({ checkpoint: () => undefined }, clock);
    const delivery = new Delivery(new FakeExit(), clock, { stream: true, headers: () => [] });
    let late = 0;
    delivery.attach(
      () => undefined,
      () => undefined,
      () => (late += 1),
    );
    const windows = { requests: undefined, tokens: undefined };
    const hold = { promptTokensEstimate: 4, promptTokensMax: 100, completionTokensMax: 10, windows };
    live.begin(REQUEST, { call: callOf({ stream: true }), hold, delivery, startedMs: clock.monotonicMs() });
    clock.advance(BOUNDS.totalMsMax + 2 * BOUNDS.leaseRenewMs);
    expect(late).toBeGreaterThan(0);
  });
});
