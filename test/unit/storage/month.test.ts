import { describe, expect, it } from "vitest";
import { monthAt } from "../../../src/storage/month.ts";

describe("a month", () => {
  it("goes from its first millisecond in UTC to the one before the next, over the end of a year too", () => {
    const fromMs = Date.UTC(2026, 11, 1);
    const untilMs = Date.UTC(2027, 0, 1);
    expect(monthAt(fromMs)).toEqual({ name: "2026-12", fromMs, untilMs });
    expect(monthAt(untilMs - 1)).toEqual(monthAt(fromMs));
    expect(monthAt(untilMs).name).toBe("2027-01");
    expect(monthAt(fromMs - 1).name).toBe("2026-11");
  });
});
