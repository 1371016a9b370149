import { describe, expect, it } from "vitest";
import type { Answer } from "../../../src/simulator/answer.ts";
import { DEFAULT_PROFILE, EngineModel } from "../../../src/simulator/engine-model.ts";
import type { Knobs } from "../../../src/simulator/faults.ts";
import { Generation, type Notices, Tally } from "../../../src/simulator/generation.ts";
import { SeededRandom } from "../../../src/simulator/seeded.ts";
import { ManualClock } from "./support.ts";

const DECODE_MS = 10;

function generation(knobs: Knobs = {}, { notices = "at-once" as Notices, parts = 1, tokens = 4, waitingMax = 10 } = {}) {
  const clock = new ManualClock();
  const profile = {
    ...DEFAULT_PROFILE,
    prefillMsPerToken: 0,
    decodeMsPerToken: DECODE_MS,
    batchSlowdown: 0,
    jitterRatio: 0,
    sequencesMax: 2,
    waitingMax,
  };
  const engine = new EngineModel({ clock, random: new SeededRandom(1), profile });
  const log: string[] = [];
  const over: (() => void)[] = [];
  const answer: Pick<Answer, "hold" | "cutNext" | "reset" | "onOver"> = {
    hold: (ms) => void log.push(`hold ${ms}`),
    cutNext: () => void log.push("cut"),
    reset: () => void log.push("reset"),
    onOver: (then) => void over.push(then),
  };
  const plan = { pieces: Array.from({ length: tokens }, (_, index) => String(index)), finish: "stop" as const, stopReason: null };
  const tally = new Tally();
  const run = new Generation({
    engine,
    answer,
    knobs,
    parts: Array.from({ length: parts }, () => ({ plan, prompt: [1], salt: 0 })),
    sink: {
      begin: () => log.push("begin"),
      token: (part, _, piece) => log.push(`${part}:${piece}`),
      done: () => log.push("done"),
      broke: () => log.push("broke"),
    },
    notices,
    tally,
  });
  return { clock, engine, log, tally, start: () => run.start(), leave: () => over.forEach((then) => then()) };
}

function ran(knobs: Knobs): readonly string[] {
  const { clock, log, start } = generation(knobs);
  start();
  clock.advance(1_000);
  return log;
}

describe("Generation", () => {
  it("begins, hands out every token, and is done once", () => {
    const { clock, log, tally, start } = generation({}, { parts: 2, tokens: 2 });
    expect(start()).toBe(true);
    clock.advance(1_000);
    expect(log).toEqual(["begin", "0:0", "0:1", "1:0", "1:1", "done"]);
    expect(tally.tokens).toBe(4);
  });

  it("strikes exactly after the token it was told", () => {
    expect(ran({ stallAfterTokens: 2, stallMs: 7 })).toEqual(["begin", "0:0", "0:1", "hold 7", "0:2", "0:3", "done"]);
    expect(ran({ cutAfterTokens: 1 })).toEqual(["begin", "0:0", "cut", "0:1", "0:2", "0:3", "done"]);
    expect(ran({ resetAfterTokens: 0 })).toEqual(["reset"]);
    expect(ran({ resetAfterTokens: 3 })).toEqual(["begin", "0:0", "0:1", "0:2", "reset"]);
    expect(ran({ errorAfterTokens: 0 })).toEqual(["broke"]);
    expect(ran({ errorAfterTokens: 4 })).toEqual(["begin", "0:0", "0:1", "0:2", "0:3", "broke"]);
    expect(ran({ errorAfterTokens: 5 })).toEqual(["begin", "0:0", "0:1", "0:2", "0:3", "done"]);
  });

  it.each([
    ["at-once", 0, 0, 0],
    ["at-once", 15, 0, 1],
    ["after-first-token", 0, 1, 1],
    ["after-first-token", 15, 0, 1],
    ["never", 15, 1, 4],
  ] as const)("%s: a client that leaves after %i ms leaves %i running, and %i tokens are made", (notices, afterMs, running, tokens) => {
    const { clock, engine, start, leave } = generation({}, { notices });
    start();
    clock.advance(afterMs);
    leave();
    expect(engine.running).toBe(running);
    clock.advance(1_000);
    expect([engine.running, engine.totals.generatedTokens]).toEqual([0, tokens]);
  });

  it("begins nothing when the queue has no room for all of its parts", () => {
    const { engine, log, start } = generation({}, { parts: 4, waitingMax: 1 });
    expect(start()).toBe(false);
    expect([engine.running, engine.waiting, engine.totals.rejected, log]).toEqual([0, 0, 1, []]);
  });
});
