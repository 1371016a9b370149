import { describe, expect, it } from "vitest";
import { CERTIFICATES, COVERED, coveredBy } from "../../../../src/policies/vocabulary/certificates.ts";

describe("coveredBy", () => {
  it("follows the table over several rungs", () => {
    expect([...coveredBy("BSI-C5:2026.type2")].sort()).toEqual([
      "BSI-C5.type1",
      "BSI-C5.type2",
      "BSI-C5:2020.type1",
      "BSI-C5:2020.type2",
      "BSI-C5:2026.type1",
      "BSI-C5:2026.type2",
    ]);
    expect(coveredBy("ENS.alta").has("ENS.basica")).toBe(true);
  });

  it("never goes up, nor by likeness of names", () => {
    expect(coveredBy("BSI-C5.type2").has("BSI-C5:2020.type2")).toBe(false);
    expect(coveredBy("BSI-C5:2026.type1").has("BSI-C5.type2")).toBe(false);
    expect(coveredBy("ISMAP").has("ISMAP-LIU")).toBe(false);
    expect(coveredBy("CST.D").has("CST.A")).toBe(false);
  });

  it("knows nothing of unregistered codes, and stays within the list", () => {
    expect(coveredBy("ISO9001").size).toBe(0);
    for (const code of CERTIFICATES) for (const covered of coveredBy(code)) expect(CERTIFICATES).toContain(covered);
    expect(COVERED.map((bits) => bits.reduce((sum, bit) => sum + bit, 0))).toEqual(CERTIFICATES.map((code) => coveredBy(code).size));
  });
});
