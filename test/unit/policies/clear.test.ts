import { describe, expect, it } from "vitest";
import { claimMint, Clearance } from "../../../src/domain/clearance.ts";
import { clear } from "../../../src/policies/clear.ts";
import { decide } from "../../../src/policies/decide.ts";
import { bundleOf, NOW_MS, permissive, policy, question, REQUEST, rule, standing } from "./fixture.ts";

const [de, us] = [standing("de", "DE"), standing("us", "US")];
const law = (epoch: number) =>
  bundleOf([de, us], [...permissive("tenant"), policy("tenant", "tenant", [rule("R", { "backend.location.country": { in: ["DE"] } })])], {
    epoch,
  });

describe("clear", () => {
  it("mints for what the decision admits", () => {
    const bundle = law(7);
    const clearance = clear(bundle, decide(bundle, question(), NOW_MS), de, REQUEST);
    expect(Clearance.is(clearance)).toBe(true);
    expect(clearance).toMatchObject({ request: REQUEST, backend: de, epoch: 7 });
  });

  it("is loud about a backend that the law excludes", () => {
    const bundle = law(1);
    expect(() => clear(bundle, decide(bundle, question(), NOW_MS), us, REQUEST)).toThrow("invariant broken");
  });

  it("is loud about a decision that nobody made", () => {
    const bundle = law(1);
    const decision = decide(bundle, question(), NOW_MS);
    expect(() => clear(bundle, { ...decision, admissible: [us] }, us, REQUEST)).toThrow("decide() did not make");
    expect(() => clear(bundle, { ...decision }, de, REQUEST)).toThrow("decide() did not make");
  });

  it("takes a decision of older law along a reload, and none of newer law", () => {
    const [older, newer] = [law(1), law(2)];
    expect(clear(newer, decide(older, question(), NOW_MS), de, REQUEST).epoch).toBe(1);
    expect(() => clear(older, decide(newer, question(), NOW_MS), de, REQUEST)).toThrow("epoch 2");
  });

  it("leaves nobody else the right to mint", () => {
    expect(() => claimMint()).toThrow(TypeError);
  });
});
