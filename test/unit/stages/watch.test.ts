import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import type { Ask } from "../../../src/ports.ts";
import { Watch } from "../../../src/stages/watch.ts";
import { standing } from "../policies/fixture.ts";
import { bench, settled } from "./fixture.ts";

const OK: Ask = (_, path) => Promise.resolve({ status: 200, body: path === "/v1/models" ? '{"data":[{"id":"llama"}]}' : "" });

function watching(ask: () => Ask) {
  const held = bench({ backends: [standing("a", "DE"), standing("b", "DE")] });
  const asked: string[] = [];
  const watch = new Watch(held.world, (backend) => {
    asked.push(backend.id);
    return ask();
  });
  const state = (): readonly boolean[] => held.world.fleet.snapshot().map(({ up }) => up);
  return { ...held, watch, asked, state };
}

describe("Watch", () => {
  it("asks every backend at once, and again each interval", async () => {
    const { watch, clock, asked, state } = watching(() => OK);
    const stop = watch.start(clock);
    expect(asked).toEqual(["a", "b"]);
    await settled();
    clock.advance(BOUNDS.healthIntervalMs);
    await settled();
    expect([asked, state()]).toEqual([
      ["a", "b", "a", "b"],
      [true, true],
    ]);
    stop();
    clock.advance(BOUNDS.healthIntervalMs);
    expect(asked).toHaveLength(4);
  });

  it("takes a probe that fails for an answer", async () => {
    const { watch, state } = watching(() => () => Promise.reject(new Error("refused")));
    for (let n = 0; n < BOUNDS.probesFailedMax; n += 1) {
      watch.round();
      await settled();
    }
    expect(state()).toEqual([false, false]);
  });

  it("does not ask a backend that has not answered yet", async () => {
    const answers: (() => void)[] = [];
    const { watch, asked } = watching(() => () => new Promise((resolve) => void answers.push(() => resolve({ status: 200, body: "" }))));
    watch.round();
    watch.round();
    expect(asked).toEqual(["a", "b"]);
    for (const answer of answers) answer();
    await settled();
    watch.round();
    expect(asked).toHaveLength(4);
  });

  it("follows a reload", () => {
    const { watch, asked, adopt } = watching(() => OK);
    adopt({ backends: [standing("c", "DE")] });
    watch.round();
    expect(asked).toEqual(["c"]);
  });
});
