import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { modelId } from "../../../src/domain/ids.ts";
import { Fleet } from "../../../src/routing/fleet.ts";
import { MODEL, StandingClock, backend } from "./planted.ts";

const one = backend("one");
const LOAD = { running: 1, waiting: 2, kvUse: 0.3 };

function fleetOfOne(clock = new StandingClock()): Fleet {
  const fleet = new Fleet(clock);
  fleet.reset([one]);
  return fleet;
}
const state = (fleet: Fleet): string => fleet.candidate(one, MODEL).state;

describe("health", () => {
  it("a backend that was never probed is up; one that is not in the fleet is down", () => {
    expect(state(fleetOfOne())).toBe("up");
    expect(new Fleet(new StandingClock()).candidate(one, MODEL).state).toBe("down");
  });

  it("two failed probes in a row mark down, one good probe marks up", () => {
    const fleet = fleetOfOne();
    fleet.probed(one.id, undefined);
    expect(state(fleet)).toBe("up");
    fleet.probed(one.id, { ready: undefined, load: undefined });
    fleet.probed(one.id, undefined);
    expect(state(fleet)).toBe("up");
    fleet.probed(one.id, undefined);
    expect(state(fleet)).toBe("down");
    fleet.probed(one.id, { ready: undefined, load: undefined });
    expect(state(fleet)).toBe("up");
  });

  it("reads readiness by the engine's own names", () => {
    const fleet = fleetOfOne();
    fleet.probed(one.id, { ready: new Set(["llama"]), load: undefined });
    expect(state(fleet)).toBe("model-not-ready");
    fleet.probed(one.id, { ready: new Set(["meta/llama"]), load: undefined });
    expect(state(fleet)).toBe("up");
    expect(fleet.candidate(one, modelId("other")).state).toBe("model-not-ready");
  });

  it("is full at concurrencyMax requests in flight, and never counts below none", () => {
    const fleet = fleetOfOne();
    fleet.end(one.id);
    for (let i = 0; i < one.concurrencyMax; i++) fleet.begin(one.id);
    expect(fleet.candidate(one, MODEL)).toMatchObject({ state: "full", inFlight: 16 });
    fleet.end(one.id);
    expect(fleet.candidate(one, MODEL)).toMatchObject({ state: "up", inFlight: 15 });
  });
});

describe("the breaker of a model", () => {
  function broken(clock: StandingClock): Fleet {
    const fleet = fleetOfOne(clock);
    for (let i = 0; i < BOUNDS.breakerFailuresMax; i++) fleet.failed(one.id, MODEL, true);
    return fleet;
  }

  it("has a trial as soon as the backend that was gone answers a probe; a probe that never failed says nothing", () => {
    const fleet = broken(new StandingClock());
    fleet.probed(one.id, { ready: undefined, load: undefined });
    expect(state(fleet)).toBe("breaker-open");
    fleet.probed(one.id, undefined);
    fleet.probed(one.id, { ready: undefined, load: undefined });
    expect(state(fleet)).toBe("up");
  });

  it("closes when the answer to its trial begins", () => {
    const clock = new StandingClock();
    const fleet = broken(clock);
    clock.ms += BOUNDS.breakerOpenMs;
    fleet.begin(one.id, MODEL);
    expect(state(fleet)).toBe("breaker-open");
    fleet.answered(one.id, MODEL);
    expect(state(fleet)).toBe("up");
  });

  it("opens by sick failures only", () => {
    const fleet = fleetOfOne();
    for (let i = 0; i < 100; i++) fleet.failed(one.id, MODEL, false);
    expect(state(fleet)).toBe("up");
    expect(state(broken(new StandingClock()))).toBe("breaker-open");
  });

  it.each([MODEL, undefined])("lets one request through after its pause (begin with model %s)", (model) => {
    const clock = new StandingClock();
    const fleet = broken(clock);
    clock.ms = BOUNDS.breakerOpenMs;
    expect(state(fleet)).toBe("up");
    if (model === undefined) fleet.begin(one.id);
    else fleet.begin(one.id, model);
    expect(state(fleet)).toBe("breaker-open");
    fleet.succeeded(one.id, MODEL, 5);
    expect(state(fleet)).toBe("up");
  });

  it("passes the trial on when it failed through no fault of the backend", () => {
    const clock = new StandingClock();
    const fleet = broken(clock);
    clock.ms = BOUNDS.breakerOpenMs;
    fleet.begin(one.id, MODEL);
    fleet.failed(one.id, MODEL, false);
    expect(state(fleet)).toBe("up");
  });
});

describe("numbers", () => {
  it("forgets load that is stale", () => {
    const clock = new StandingClock();
    const fleet = fleetOfOne(clock);
    fleet.probed(one.id, { ready: undefined, load: LOAD });
    clock.ms = BOUNDS.loadStaleMs;
    expect(fleet.candidate(one, MODEL).load).toEqual(LOAD);
    clock.ms += 1;
    expect(fleet.candidate(one, MODEL).load).toBeUndefined();
  });

  it("averages first bytes, newer ones counting more, and forgets old ones", () => {
    const clock = new StandingClock();
    const fleet = fleetOfOne(clock);
    const ewma = (): number | undefined => fleet.candidate(one, MODEL).firstByteMsEwma;
    expect(ewma()).toBeUndefined();
    fleet.succeeded(one.id, MODEL, 100);
    fleet.succeeded(one.id, MODEL, 200);
    expect(ewma()).toBeCloseTo(120);
    clock.ms = BOUNDS.firstByteStaleMs + 1;
    expect(ewma()).toBeUndefined();
    fleet.succeeded(one.id, MODEL, 50);
    expect(ewma()).toBe(50);
  });
});

describe("reset", () => {
  function known(): Fleet {
    const fleet = fleetOfOne();
    fleet.begin(one.id);
    fleet.succeeded(one.id, MODEL, 100);
    fleet.probed(one.id, undefined);
    fleet.probed(one.id, undefined);
    return fleet;
  }

  it("keeps what is known of an id that stays", () => {
    const fleet = known();
    const same = { ...one, weight: 7 };
    fleet.reset([backend("two"), same]);
    expect(fleet.candidate(same, MODEL)).toMatchObject({ state: "down", inFlight: 1, firstByteMsEwma: 100 });
  });

  it("of another endpoint under the same id it keeps the requests in flight alone", () => {
    const fleet = known();
    const moved = { ...one, baseUrl: "http://elsewhere.test" };
    fleet.reset([moved]);
    expect(fleet.candidate(moved, MODEL)).toMatchObject({ state: "up", inFlight: 1, firstByteMsEwma: undefined });
  });

  it("forgets an id that left; news of it are no error", () => {
    const fleet = known();
    fleet.reset([]);
    fleet.begin(one.id);
    fleet.end(one.id);
    fleet.probed(one.id, undefined);
    fleet.succeeded(one.id, MODEL, 1);
    fleet.failed(one.id, MODEL, true);
    expect(fleet.snapshot()).toEqual([]);
    fleet.reset([one]);
    expect(state(fleet)).toBe("up");
  });
});

it("snapshot shows everything", () => {
  const fleet = fleetOfOne();
  fleet.begin(one.id);
  fleet.probed(one.id, { ready: undefined, load: LOAD });
  fleet.succeeded(one.id, MODEL, 9);
  expect(fleet.snapshot()).toEqual([
    { backend: one.id, up: true, inFlight: 1, load: LOAD, models: [{ model: MODEL, ready: true, breaker: "closed", firstByteMsEwma: 9 }] },
  ]);
});

describe("what an operator asks", () => {
  it("is reckoned for the tokens of the request, and not told where nothing is stated", () => {
    const models = new Map(
      [...one.models].map(([id, served]) => [
        id,
        { ...served, wholesale: { inputMicroPerMillion: 200_000, outputMicroPerMillion: 800_000 } },
      ]),
    );
    const priced = { ...one, models };
    const fleet = new Fleet(new StandingClock());
    fleet.reset([priced]);
    expect(fleet.candidate(priced, MODEL, { prompt: 1_000, completion: 500 }).price).toBe(600);
    fleet.reset([one]);
    expect(fleet.candidate(one, MODEL, { prompt: 1_000, completion: 500 }).price).toBeUndefined();
  });
});
