import { describe, expect, it } from "vitest";
import { DEFAULT_PROFILE, EngineModel, type EngineProfile } from "../../../src/simulator/engine-model.ts";
import { SeededRandom } from "../../../src/simulator/seeded.ts";
import { ManualClock } from "./support.ts";

const PLAIN: Partial<EngineProfile> = { prefillMsPerToken: 1, decodeMsPerToken: 10, batchSlowdown: 0, jitterRatio: 0 };

function engine(profile: Partial<EngineProfile> = {}, seed = 1) {
  const clock = new ManualClock();
  const model = new EngineModel({ clock, random: new SeededRandom(seed), profile: { ...DEFAULT_PROFILE, ...PLAIN, ...profile } });
  const log: string[] = [];
  const submit = (name: string, { prompt = 4, tokens = 3, from = 0 } = {}) =>
    model.submit({
      prompt: Array.from({ length: prompt }, (_, index) => from + index),
      salt: 0,
      tokens,
      started: (cached) => log.push(`${name} starts with ${cached}`),
      token: (index, last) => log.push(`${clock.monotonicMs()} ${name}${index}${last ? "!" : ""}`),
    });
  return { clock, model, log, submit };
}

describe("EngineModel", () => {
  it("takes prefill and one decode step for the first token, a decode step for each further one", () => {
    const { clock, log, submit } = engine();
    submit("a");
    clock.advance(1_000);
    expect(log).toEqual(["a starts with 0", "14 a0", "24 a1", "34 a2!"]);
  });

  it("batches what arrives while it runs", () => {
    const { clock, model, log, submit } = engine();
    submit("a");
    clock.advance(5);
    submit("b", { from: 100 });
    expect([model.running, model.waiting]).toEqual([1, 1]);
    clock.advance(1_000);
    expect(log.slice(2)).toEqual(["b starts with 0", "28 a1", "28 b0", "38 a2!", "38 b1", "48 b2!"]);
    expect([model.running, model.waiting, model.kvUse]).toEqual([0, 0, 0]);
  });

  it("lets wait what is above sequencesMax, and refuses what is above waitingMax", () => {
    const { clock, model, log, submit } = engine({ sequencesMax: 1, waitingMax: 1 });
    submit("a", { tokens: 1 });
    submit("b", { tokens: 1 });
    expect(submit("c")).toBeUndefined();
    expect([model.running, model.waiting, model.totals.rejected]).toEqual([1, 1, 1]);
    clock.advance(1_000);
    expect(log.filter((line) => line.includes("!"))).toEqual(["14 a0!", "28 b0!"]);
  });

  it("frees everything the moment a sequence is cancelled, running or waiting", () => {
    const { clock, model, log, submit } = engine({ sequencesMax: 1 });
    const cancelRunning = submit("a", { tokens: 100 });
    const cancelWaiting = submit("b", { tokens: 100 });
    clock.advance(30);
    cancelWaiting?.();
    cancelRunning?.();
    cancelRunning?.();
    expect([model.running, model.waiting, model.kvUse, model.totals.cancelled]).toEqual([0, 0, 0, 2]);
    const before = log.length;
    clock.advance(1_000);
    expect(log).toHaveLength(before);
    expect(clock.idle).toBe(true);
  });

  it("skips the prefill of a cached prefix", () => {
    const { clock, log, model, submit } = engine();
    submit("a", { prompt: 33, tokens: 1 });
    clock.advance(1_000);
    submit("b", { prompt: 33, tokens: 1 });
    clock.advance(1_000);
    expect(log).toEqual(["a starts with 0", "43 a0!", "b starts with 32", "1011 b0!"]);
    expect(model.totals).toMatchObject({ promptTokens: 66, cachedTokens: 32, generatedTokens: 2, finished: 2 });
  });

  it("sends the youngest back when the cache is full, and still finishes both", () => {
    const { clock, model, log, submit } = engine({ blocks: 4, blockTokens: 4 });
    submit("a", { tokens: 12 });
    submit("b", { tokens: 12, from: 50 });
    clock.advance(5_000);
    expect(model.totals.preemptions).toBeGreaterThan(0);
    expect(log.filter((line) => line.includes("!")).map((line) => line.split(" ")[1])).toEqual(["a11!", "b11!"]);
    expect(model.kvUse).toBe(0);
  });

  it("serves a prompt that is larger than its cache all the same", () => {
    const { clock, log, submit } = engine({ blocks: 1, blockTokens: 4 });
    submit("a", { prompt: 40, tokens: 2 });
    clock.advance(1_000);
    expect(log.at(-1)).toBe("60 a1!");
  });

  it("stands still while it rests", () => {
    const { clock, model, log, submit } = engine();
    submit("a");
    clock.advance(15);
    model.rest(true);
    clock.advance(10_000);
    expect(log).toHaveLength(2);
    model.rest(false);
    clock.advance(1_000);
    expect(log.at(-1)).toBe("10035 a2!");
  });

  it("jitters, the same under the same seed", () => {
    const run = (seed: number) => {
      const { clock, log, submit } = engine({ jitterRatio: 0.5 }, seed);
      submit("a", { tokens: 20 });
      submit("b", { tokens: 20 });
      clock.advance(10_000);
      return log;
    };
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });
});
