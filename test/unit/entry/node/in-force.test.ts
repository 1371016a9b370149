import { describe, expect, it } from "vitest";
import type { Declared } from "../../../../src/domain/estate.ts";
import { buildEstate, InvalidConfiguration } from "../../../../src/entry/node/estate.ts";
import { declare, EstateInForce } from "../../../../src/entry/node/in-force.ts";
import { SOUND } from "../../config/sample.ts";

const CLOCK = { nowMs: () => 1_780_000_000_000 };
const NOTHING = { tenants: new Map(), policies: [] };
const LAWLESS = { level: "tenant" as const, subject: "clinic", document: { rules: 5 }, where: () => "tenant clinic" };

function inForce(): EstateInForce {
  const built = buildEstate({ file: "b.yaml", text: () => SOUND, env: {} }, 1, CLOCK.nowMs());
  if (!built.ok) throw new Error(built.problems.join("\n"));
  return new EstateInForce(built.estate, CLOCK);
}

describe("the estate in force", () => {
  it("changes when a draft is enacted, not before, and counts epochs", () => {
    const law = inForce();
    const first = law.estate;
    const draft = law.draft(NOTHING);
    expect(law.estate).toBe(first);
    if (draft.ok) draft.enact();
    expect(law.estate).not.toBe(first);
    expect([law.estate.bundle.epoch, law.estate.declared]).toEqual([2, first.declared]);
  });

  it("stays as it is after a draft with problems", () => {
    const law = inForce();
    const first = law.estate;
    const draft = law.draft({ ...NOTHING, policies: [LAWLESS] });
    expect(draft.ok ? [] : draft.problems.join()).toContain("tenant clinic");
    expect(law.estate).toBe(first);
  });

  it("knows the classes that requests may have", () => {
    const law = inForce();
    expect([law.knowsClass("confidential"), law.knowsClass("secretest"), law.knowsClass("")]).toEqual([true, false, false]);
  });
});

describe("declare", () => {
  it("gives the directory and the law the same declarations, the directory first", () => {
    const law = inForce();
    const before = law.estate;
    const reloaded: Declared[] = [];
    const reload = (next: Declared): void => {
      expect(law.estate).toBe(before);
      reloaded.push(next);
    };
    const next = { ...before.declared };
    declare(next, { kept: () => NOTHING, reload }, law);
    expect(reloaded).toEqual([next]);
    expect(law.estate.declared).toBe(next);
  });

  it.each([
    ["the law", { kept: () => ({ ...NOTHING, policies: [LAWLESS] }), reload: () => undefined }],
    [
      "the directory",
      {
        kept: () => NOTHING,
        reload: () => {
          throw new InvalidConfiguration(["two homes"]);
        },
      },
    ],
  ])("changes nothing when %s does not agree", (_, directory) => {
    const law = inForce();
    const before = law.estate;
    expect(() => declare(before.declared, directory, law)).toThrow(InvalidConfiguration);
    expect(law.estate).toBe(before);
  });
});
