import { describe, expect, it } from "vitest";
import { readBox } from "../../../src/policies/box.ts";
import { contradictions } from "../../../src/policies/contradictions.ts";
import { reading } from "./reading.ts";

const box = (...conditions: readonly unknown[]) => conditions.flatMap((each) => [...readBox(each, reading())]);

describe("contradictions", () => {
  it("are conditions on one attribute that exclude each other", () => {
    expect(contradictions(box({ "backend.tenancy": { at_least: "air-gapped", at_most: "shared" } }))).toEqual(["backend.tenancy"]);
    expect(contradictions(box({ "backend.location.country": { in: ["DE"] } }, { "backend.location.country": { in: ["FR"] } }))).toEqual([
      "backend.location.country",
    ]);
  });

  it("are none where something is left, or attributes differ", () => {
    expect(contradictions(box({ "backend.retention.days": { at_least: 5, at_most: 5 } }))).toEqual([]);
    expect(
      contradictions(box({ "backend.location.country": { in: ["DE", "FR"] } }, { "backend.location.country": { in: ["FR"] } })),
    ).toEqual([]);
    expect(contradictions(box({ "backend.location.country": { in: ["DE"] } }, { "self.location.country": { in: ["FR"] } }))).toEqual([]);
    expect(contradictions(box({ "backend.certs": { has_all: ["HDS.2"] } }, { "backend.certs": { has_all: ["ISO27001"] } }))).toEqual([]);
  });
});
