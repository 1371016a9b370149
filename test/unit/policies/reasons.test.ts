import { describe, expect, it } from "vitest";
import { understand } from "../../../src/policies/book.ts";
import { exclusionsOf, exclusionsOfSelf } from "../../../src/policies/reasons.ts";
import { bundleOf, NOW_MS, permissive, policy, question, rule, sheet, standing } from "./fixture.ts";

const STRICT = rule("STRICT", {
  "backend.location.country": { in: ["DE"] },
  "backend.operator.country": { in: ["DE"] },
  "backend.train_on_data": { in: [false] },
});
const law = bundleOf([standing("us", "US")], [...permissive("tenant"), policy("tenant", "tenant", [STRICT])], {
  self: sheet({ "location.country": "FR" }),
});

describe("exclusions", () => {
  it("name every fact that stands against a backend, not the first alone", () => {
    expect(exclusionsOf(law, understand(question()), NOW_MS).map(({ attribute, reason }) => `${attribute} ${reason}`)).toEqual([
      "backend.location.country mismatch",
      "backend.operator.country mismatch",
      "backend.train_on_data unknown",
    ]);
  });

  it("speak of this cell by its own name", () => {
    expect(exclusionsOfSelf(law, understand(question()), NOW_MS).map(({ backend, attribute }) => `${backend} ${attribute}`)).toEqual([
      "self self.location.country",
      "self self.operator.country",
      "self self.train_on_data",
    ]);
  });

  it("say one thing once, also where a range has two ends", () => {
    const ranged = rule("RANGE", { "backend.retention.days": { at_least: 1, at_most: 5 } });
    const bundle = bundleOf([standing("us", "US")], [...permissive("tenant"), policy("tenant", "tenant", [ranged])]);
    expect(exclusionsOf(bundle, understand(question()), NOW_MS)).toHaveLength(1);
  });
});
