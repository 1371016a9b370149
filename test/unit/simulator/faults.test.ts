import { describe, expect, it } from "vitest";
import { FAULT_KINDS, Faults, holdsStill, type Knobs, knobsOf, readKnobs } from "../../../src/simulator/faults.ts";

describe("knobs", () => {
  it("refuses what it does not know, and values out of range", () => {
    for (const value of [
      { refused: true },
      { status: 418 },
      { cutAfterTokens: -1 },
      { dripMs: 0 },
      { usage: "lost" },
      [],
      null,
      "refuse",
    ]) {
      expect(readKnobs(value).ok).toBe(false);
    }
    expect(readKnobs({ status: 503, retryAfterS: 2 })).toEqual({ ok: true, knobs: { status: 503, retryAfterS: 2 } });
  });

  it("has a name for each fault of one request, and each name makes knobs", () => {
    for (const kind of Object.keys(FAULT_KINDS)) expect(knobsOf(kind)).not.toEqual({});
    expect(knobsOf("503:7")).toEqual({ status: 503, retryAfterS: 7 });
    expect(knobsOf("503")).toEqual({ status: 503 });
    for (const wrong of ["", "stall:-1", "stall:1:2", "constructor", "html:99"]) expect(knobsOf(wrong)).toBeUndefined();
  });

  it("knows which of them make the engine stand still", () => {
    expect([{ sleeping: true }, { shutdownHang: true }, { refuse: true }, {}].map(holdsStill)).toEqual([true, true, false, false]);
  });
});

describe("Faults", () => {
  it("replaces all knobs at once and says so", () => {
    const told: Knobs[] = [];
    const faults = new Faults((knobs) => told.push(knobs));
    faults.set({ status: 500 });
    faults.set({ gzip: true });
    expect(faults.now).toEqual({ gzip: true });
    faults.clear();
    expect(told).toEqual([{ status: 500 }, { gzip: true }, {}]);
  });

  it("keeps what it has when the new knobs are wrong", () => {
    const faults = new Faults(() => undefined);
    faults.set({ gzip: true });
    expect(() => faults.set({ dripMs: -5 })).toThrow(TypeError);
    expect(faults.now).toEqual({ gzip: true });
  });
});
