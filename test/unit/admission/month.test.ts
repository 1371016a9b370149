import { describe, expect, it } from "vitest";
import { Calendar, monthOfText, textOfMonth } from "../../../src/admission/month.ts";

describe("months", () => {
  it("turn at midnight UTC of the first, in both directions", () => {
    const calendar = new Calendar();
    const newYear = Date.UTC(2027, 0, 1);
    expect(textOfMonth(calendar.monthOf(newYear - 1))).toBe("2026-12");
    expect(textOfMonth(calendar.monthOf(newYear))).toBe("2027-01");
    expect(textOfMonth(calendar.monthOf(newYear - 1))).toBe("2026-12");
    expect(calendar.monthOf(newYear) - calendar.monthOf(newYear - 1)).toBe(1);
  });

  it("are the same as text", () => {
    for (const text of ["2026-01", "2026-11", "2026-12"]) expect(textOfMonth(monthOfText(text))).toBe(text);
  });

  it.each(["2026-13", "2026-00", "2026-1", "november", "2026-11-01"])("refuses %s", (text) => {
    expect(() => monthOfText(text)).toThrow(RangeError);
  });

  it("refuses what is no instant", () => {
    expect(() => new Calendar().monthOf(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});
