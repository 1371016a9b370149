import { describe, expect, it } from "vitest";
import type { Principal } from "../../../src/domain/tenancy.ts";
import { decide } from "../../../src/stages/decide.ts";
import { diagnostics } from "../../../src/stages/diagnostics.ts";
import { BACKENDS, bench, callOf } from "./fixture.ts";

const { world, principal } = bench({ diagnostics: true });
const decided = decide(callOf(), principal, undefined, world);
const place = BACKENDS[0];
const change = (brand: boolean, explain: boolean): Principal => ({
  ...principal,
  msp: { ...principal.msp, brand: { ...principal.msp.brand, diagnostics: brand } },
  key: { ...principal.key, explain },
});

describe("diagnostics", () => {
  it("tells the country and the counts", () => {
    expect(diagnostics(principal, decided, place)).toEqual([
      "x-served-country",
      "DE",
      "x-places-considered",
      "4",
      "x-places-admissible",
      "4",
      "x-policy-epoch",
      "1",
    ]);
  });

  it("names no country where nobody has served", () => {
    expect(diagnostics(principal, decided, undefined)).not.toContain("x-served-country");
  });

  it.each([
    [false, true],
    [true, false],
    [false, false],
  ])("tells nothing unless both the brand (%s) and the key (%s) may", (brand, explain) => {
    expect(diagnostics(change(brand, explain), decided, place)).toEqual([]);
  });
});
