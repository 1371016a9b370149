import { describe, expect, it } from "vitest";
import { COUNTRY_INDEX } from "../../../../src/policies/vocabulary/countries.ts";
import { membersOf, NEWEST_SETS, SET_RELEASES, UNPINNED_SETS } from "../../../../src/policies/vocabulary/sets.ts";

const has = (set: string, code: string): boolean => membersOf(NEWEST_SETS, set)?.includes(code) === true;

describe("sets", () => {
  it("name assigned codes only, each once", () => {
    for (const sets of SET_RELEASES.values()) {
      for (const [name, { members }] of sets) {
        const codes = members.flatMap((each) => each.codes.split(" "));
        expect(new Set(codes).size, name).toBe(codes.length);
        expect(
          codes.filter((code) => !COUNTRY_INDEX.has(code)),
          name,
        ).toEqual([]);
      }
    }
  });

  it("have the sizes of their sources", () => {
    const sizes = ["EU_STRICT", "EU", "EEA", "EEA_STRICT", "EU_ADEQUATE", "GCC", "ASEAN", "ALL_ASSIGNED"].map(
      (name) => membersOf(NEWEST_SETS, name)?.length,
    );
    expect(sizes).toEqual([27, 34, 37, 30, 12, 6, 11, 249]);
  });

  it.each([
    ["EU", "NO"],
    ["EEA", "CH"],
    ["EEA", "SJ"],
    ["EU", "GB"],
    ["EU", "NC"],
    ["EU_STRICT", "GP"],
    ["EU_ADEQUATE", "US"],
    ["EU_ADEQUATE", "GI"],
    ["CN_MAINLAND", "HK"],
    ["CN_MAINLAND", "TW"],
  ])("%s is without %s", (set, code) => {
    expect(has(set, code)).toBe(false);
  });

  it.each([
    ["EEA", "NO"],
    ["EU", "AX"],
    ["EU", "RE"],
    ["EU_ADEQUATE", "JE"],
    ["US_ALL", "PR"],
    ["US_COUNTRIES_OF_CONCERN", "HK"],
  ])("%s has %s", (set, code) => {
    expect(has(set, code)).toBe(true);
  });

  it("are unknown under another release, and a document that pins nothing keeps the first", () => {
    expect(membersOf("1999-01-01.1", "EU")).toBeUndefined();
    expect(UNPINNED_SETS).toBe([...SET_RELEASES.keys()][0]);
  });
});
