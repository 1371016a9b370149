import { describe, expect, it } from "vitest";
import { declaredIds, ownerOf } from "../../../src/config/owners.ts";

describe("ownerOf", () => {
  it("takes what is named, or the only one", () => {
    const one = { msps: { a: {} }, tenants: { t: {}, u: { msp: "b" } } };
    expect(ownerOf(one, "tenants", "t")).toBe("a");
    expect(ownerOf(one, "tenants", "u")).toBe("b");
  });

  it("does not guess among several, nor past a value of the wrong kind", () => {
    expect(ownerOf({ msps: { a: {}, b: {} }, tenants: { t: {} } }, "tenants", "t")).toBeUndefined();
    expect(ownerOf({ msps: { a: {} }, tenants: { t: { msp: 5 } } }, "tenants", "t")).toBeUndefined();
  });
});

describe("declaredIds", () => {
  it("survives a section of another shape", () => {
    expect(declaredIds({ msps: [] }, "msps")).toEqual([]);
    expect(declaredIds({ msps: { a: null } }, "msps")).toEqual(["a"]);
  });
});
