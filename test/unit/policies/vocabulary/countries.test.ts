import { describe, expect, it } from "vitest";
import { COUNTRIES, COUNTRY_INDEX, countryHint } from "../../../../src/policies/vocabulary/countries.ts";

describe("COUNTRIES", () => {
  it("are the 249 officially assigned codes, each once and sorted", () => {
    expect(COUNTRIES).toHaveLength(249);
    expect(new Set(COUNTRIES).size).toBe(249);
    expect([...COUNTRIES].sort()).toEqual(COUNTRIES);
    expect(COUNTRIES.every((code) => /^[A-Z]{2}$/.test(code))).toBe(true);
  });

  it.each([
    "UK",
    "EL",
    "EU",
    "XK",
    "ZZ",
    "XX",
    "AC",
    "CP",
    "CQ",
    "DG",
    "EA",
    "EZ",
    "FX",
    "IC",
    "SU",
    "TA",
    "UN",
    "AN",
    "BU",
    "CS",
    "NT",
    "TP",
    "YU",
    "ZR",
    "AA",
    "QM",
  ])("do not have %s", (code) => {
    expect(COUNTRY_INDEX.has(code)).toBe(false);
  });

  it.each([
    ["UK", "GB"],
    ["EL", "GR"],
    ["EU", "@EU"],
    ["de", "DE"],
    [" DE", "DE"],
    ["USA", "US"],
    ["GB-NIR", "GB"],
  ])("hint for %s at %s", (wrong, right) => {
    expect(countryHint(wrong)).toContain(`"${right}"`);
  });
});
