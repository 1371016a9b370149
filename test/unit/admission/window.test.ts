import { describe, expect, it } from "vitest";
import { Window } from "../../../src/admission/window.ts";

describe("Window", () => {
  it("fits up to the limit and not beyond, and asking changes nothing", () => {
    const window = new Window();
    window.add(0, 7);
    expect(window.fits(0, 3, 10)).toBe(true);
    expect(window.fits(0, 4, 10)).toBe(false);
    expect(window.used(0)).toBe(7);
  });

  it("fits nothing under a limit of 0, not even nothing", () => {
    expect(new Window().fits(0, 0, 0)).toBe(false);
  });

  it("keeps what was granted late in a slot for the whole minute", () => {
    const window = new Window();
    window.add(999, 10);
    expect(window.used(60_998)).toBe(10);
    expect(window.used(60_999)).toBe(10);
    expect(window.used(61_000)).toBe(0);
  });

  it("forgets slot by slot", () => {
    const window = new Window();
    for (let second = 0; second < 61; second += 1) window.add(second * 1_000, 1);
    expect(window.used(60_000)).toBe(61);
    expect(window.used(63_500)).toBe(58);
    expect(window.used(500_000)).toBe(0);
  });

  it("gives back in the slot that was counted, so that nothing is freed twice", () => {
    const window = new Window();
    window.add(0, 100);
    window.add(30_000, 50);
    window.correct(40_000, 0, -60);
    expect(window.used(40_000)).toBe(90);
    expect(window.used(61_000)).toBe(50);
  });

  it("counts an excess as a debt of its slot", () => {
    const window = new Window();
    window.add(10_000, 10);
    window.correct(20_000, 10_000, 90);
    expect(window.fits(20_000, 1, 50)).toBe(false);
    expect(window.used(71_000)).toBe(0);
  });

  it("corrects nothing that has left the window", () => {
    const window = new Window();
    window.add(0, 100);
    window.add(61_000, 20);
    window.correct(61_000, 0, -100);
    window.correct(61_000, 999, 500);
    expect(window.used(61_000)).toBe(20);
  });

  it("never falls below nothing", () => {
    const window = new Window();
    window.add(0, 5);
    window.correct(0, 0, -9);
    expect(window.used(0)).toBe(0);
    window.add(0, 3);
    expect(window.used(0)).toBe(3);
  });

  it("tells when it will be empty", () => {
    const window = new Window();
    expect(window.resetMs(0)).toBe(0);
    window.add(1_500, 1);
    window.add(2_500, 1);
    expect(window.resetMs(2_500.25)).toBe(60_500);
    window.correct(3_000, 2_500, -1);
    expect(window.resetMs(3_000)).toBe(59_000);
  });

  it("tells when a claim will fit", () => {
    const window = new Window();
    window.add(0, 40);
    window.add(10_000, 40);
    window.add(20_000, 20);
    expect(window.retryAfterMs(20_000, 1, 101)).toBe(0);
    expect(window.retryAfterMs(20_000, 40, 100)).toBe(41_000);
    expect(window.retryAfterMs(20_000, 41, 100)).toBe(51_000);
    expect(window.retryAfterMs(20_000, 100, 100)).toBe(61_000);
    expect(window.retryAfterMs(20_000, 101, 100)).toBeUndefined();
    expect(window.retryAfterMs(20_000, 0, 0)).toBeUndefined();
  });
});
