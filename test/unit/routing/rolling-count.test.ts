import { describe, expect, it } from "vitest";
import { RollingCount } from "../../../src/routing/rolling-count.ts";

describe("RollingCount", () => {
  it("forgets what is older than the window, slot by slot", () => {
    const count = new RollingCount(1_000, 10);
    count.add(0);
    count.add(950);
    expect(count.sum(999)).toBe(2);
    expect(count.sum(1_000)).toBe(1);
    expect(count.sum(1_899)).toBe(1);
    expect(count.sum(1_900)).toBe(0);
  });

  it("forgets everything after a long silence", () => {
    const count = new RollingCount(1_000, 10);
    for (let i = 0; i < 50; i++) count.add(i * 10);
    expect(count.sum(1_000_000)).toBe(0);
    count.add(1_000_000);
    expect(count.sum(1_000_000)).toBe(1);
  });

  it("starts at any time of the clock", () => {
    const count = new RollingCount(1_000, 10);
    count.add(123_456_789);
    expect(count.sum(123_456_789)).toBe(1);
  });
});
