import { describe, expect, it } from "vitest";
import { NO_USAGE, type Observed } from "../../../src/domain/usage.ts";
import { Fault } from "../../../src/faults.ts";
import type { Gate, Settlement } from "../../../src/ports.ts";
import { Delivery } from "../../../src/stages/delivery.ts";
import type { Trace } from "../../../src/stages/record.ts";
import { billOf, settle } from "../../../src/stages/settle.ts";
import { arrivalOf, BACKENDS, bench, callOf, FakeExit, REQUEST } from "./fixture.ts";

const HOLD = {
  promptTokensEstimate: 4,
  promptTokensMax: 100,
  completionTokensMax: 10,
  windows: { requests: undefined, tokens: undefined },
};
const SERVED = {
  reported: { promptTokens: 7, cachedTokens: 2, completionTokens: 5 },
  reports: 1,
  frames: 5,
  textBytes: 20,
  finished: true,
};

function settling(ending: Trace["ending"], observed: Observed = SERVED, started = true) {
  const held = bench();
  const settlements: Settlement[] = [];
  const gate: Gate = {
    open: () => Promise.reject(new Error("unused")),
    checkpoint: () => undefined,
    settle: (_, settlement) => (settlements.push(settlement), "settled"),
    windows: () => HOLD.windows,
  };
  const delivery = new Delivery(new FakeExit(), held.clock, { stream: true, headers: () => [] });
  const entered = held.entered();
  const [backend] = BACKENDS;
  if (backend !== undefined) delivery.from(backend, observed);
  held.clock.advance(30);
  if (started) delivery.write(Buffer.from("x"));
  held.clock.advance(70);
  const trace: Trace = {
    request: REQUEST,
    arrival: arrivalOf(),
    startedMs: 0,
    attempts: 2,
    backend,
    ...(ending === undefined ? {} : { ending }),
  };
  const bill = settle({ entered, call: callOf(), hold: HOLD, delivery, trace }, { gate, clock: held.clock });
  return { bill, settlement: settlements[0] };
}

describe("billOf", () => {
  it("prices the engine's own count: fresh, cached and completion tokens", () => {
    expect(billOf(callOf(), HOLD, { observed: SERVED, outcome: "served" })).toMatchObject({ amount: 5 + 1 + 10, anomalies: [] });
  });

  it("charges nothing for tokenize (U19), whatever the engine states", () => {
    const call = { ...callOf(), capability: "tokenize" as const };
    for (const outcome of ["served", "failed", "abandoned"] as const)
      expect(billOf(call, HOLD, { observed: SERVED, outcome })).toEqual({ usage: NO_USAGE, amount: 0, anomalies: [] });
  });
});

describe("settle", () => {
  it("states what a served answer cost, by whom, and how long it took", () => {
    const { bill, settlement } = settling({ outcome: "served", fault: undefined });
    expect(settlement).toMatchObject({
      outcome: "served",
      amount: bill.amount,
      usage: bill.usage,
      backend: "a",
      status: 200,
      attempts: 2,
      firstByteMs: 30,
      durationMs: 100,
    });
  });

  it.each([
    ["the fault's status", { outcome: "failed", fault: new Fault("engine_overloaded") }, 503],
    ["499 for who left before the first byte", { outcome: "abandoned", fault: undefined }, 499],
    ["500 for what was thrown", undefined, 500],
  ] as const)("states %s, and charges nothing, where nothing went out", (_name, ending, status) => {
    const { settlement } = settling(ending, { ...SERVED, frames: 3 }, false);
    expect(settlement).toMatchObject({ status, amount: 0, firstByteMs: undefined, usage: { source: "none" } });
  });

  it("charges what went out of an answer that broke", () => {
    const { settlement } = settling(
      { outcome: "failed", fault: new Fault("engine_failed") },
      { reported: undefined, reports: 0, frames: 3, textBytes: 9, finished: false },
    );
    expect(settlement).toMatchObject({
      outcome: "failed",
      status: 200,
      usage: { completionTokens: 3, source: "estimated" },
      amount: 4 + 6,
    });
  });
});
