import { describe, expect, it } from "vitest";
import { standingOf, statedFacts } from "../../../src/config/place.ts";

const FILE = {
  operators: { o: { country: "DE", facts: { tenancy: "shared" } } },
  sites: { s: { operator: "o", country: "DE" } },
  backends: { b: { site: "s", facts: { tenancy: "dedicated-node" } } },
};

describe("statedFacts", () => {
  it("collects what holds where a backend stands, with every place that states it", () => {
    const stated = statedFacts(FILE, ["backends", "b"], standingOf(FILE, "s"));
    expect([...stated.keys()]).toEqual(["operator.country", "tenancy", "location.country"]);
    expect(stated.get("tenancy")).toEqual([
      ["operators", "o", "facts", "tenancy"],
      ["backends", "b", "facts", "tenancy"],
    ]);
  });

  it("knows little of what stands nowhere", () => {
    expect([...statedFacts(FILE, ["backends", "b"], standingOf(FILE, undefined)).keys()]).toEqual(["tenancy"]);
  });
});
