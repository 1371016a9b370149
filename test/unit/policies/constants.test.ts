import { describe, expect, it } from "vitest";
import { certificateSet, countrySet, memberSet, oneOf, readTexts } from "../../../src/policies/constants.ts";
import { CERTIFICATES } from "../../../src/policies/vocabulary/certificates.ts";
import { COUNTRIES } from "../../../src/policies/vocabulary/countries.ts";
import { reading } from "./reading.ts";

function countries(...entries: readonly string[]) {
  const { place, refused } = reading();
  const allowed = countrySet(entries, "2026-11-22.1", place);
  return { codes: COUNTRIES.filter((_, index) => allowed[index] === 1), refused: refused() };
}

describe("countrySet", () => {
  it("is the union of what is listed", () => {
    expect(countries("DE", "FR", "DE")).toEqual({ codes: ["DE", "FR"], refused: [] });
    expect(countries("@EU_STRICT", "CH").codes).toHaveLength(28);
  });

  it("takes away what has a minus, wherever that stands", () => {
    expect(countries("-FR", "DE", "FR")).toEqual({ codes: ["DE"], refused: [] });
    expect(countries("@EU", "-@EU_STRICT").codes).toEqual(["AX", "GF", "GP", "MF", "MQ", "RE", "YT"]);
  });

  it.each([
    [["-US"], ": a list of exclusions alone permits nothing"],
    [["DE", "-DE"], ": the exclusions leave nothing"],
    [["DE", "-US"], '1: "-US" takes nothing away'],
    [["DE", "-@EUU"], '1: "@EUU" is not a set of release 2026-11-22.1'],
    [["DE", "--FR"], '1: "-FR" is not an assigned country code'],
  ])("refuses %j", (entries, line) => {
    expect(countries(...entries).refused).toEqual([line]);
  });
});

describe("certificateSet and memberSet", () => {
  it("give indexes, and refuse what is not known at its position", () => {
    const { place, refused } = reading();
    expect(certificateSet(["ISO27001", "ISO9001"], place)).toEqual([CERTIFICATES.indexOf("ISO27001")]);
    expect([
      ...memberSet(
        ["b", "x"],
        new Map([
          ["a", 0],
          ["b", 1],
        ]),
        place,
      ),
    ]).toEqual([0, 1]);
    expect(refused()).toEqual(['1: "ISO9001" is not a registered certificate', '1: "x" is not known here']);
  });
});

describe("readTexts", () => {
  it.each(["DE", [], [1], null, {}])("refuses %j", (value) => {
    const { place, refused } = reading();
    expect(readTexts(value, place)).toBeUndefined();
    expect(refused()).toHaveLength(1);
  });
});

describe("oneOf", () => {
  it("lists few values and leaves many unsaid", () => {
    expect(oneOf(["a", "b"])).toBe("one of: a, b");
    expect(oneOf([])).toBeUndefined();
    expect(oneOf(COUNTRIES)).toBeUndefined();
  });
});
