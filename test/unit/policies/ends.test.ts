import { describe, expect, it } from "vitest";
import { readBox } from "../../../src/policies/box.ts";
import { ruleEnds } from "../../../src/policies/ends.ts";
import { readGround } from "../../../src/policies/ground.ts";
import { ALWAYS, type Rule } from "../../../src/policies/rule.ts";
import { backend, certificate, fact, sheet } from "./fixture.ts";
import { reading } from "./reading.ts";

const FOREVER = Number.POSITIVE_INFINITY;
const NEVER = Number.NEGATIVE_INFINITY;

/** Ends of a rule on two backends and this cell. */
function ends(require: unknown, anyOf: readonly unknown[] = [], evidenceLeast = 0): readonly number[] {
  const fleet = [
    backend(
      "a",
      sheet({ "location.country": fact("DE", { expiresAtMs: 100 }), "retention.days": fact(5, { expiresAtMs: 200 }) }, [
        certificate("HDS.2", { expiresAtMs: 300 }),
        certificate("HDS.2", { expiresAtMs: 250 }),
        certificate("ISO27001", { expiresAtMs: 400 }),
      ]),
    ),
    backend("b", sheet({ "location.country": fact(["DE", "US"], { evidence: "audit" }), "retention.days": 50 })),
  ];
  const self = sheet({ "location.country": fact("DE", { expiresAtMs: 50 }) });
  const { columns } = readGround(new Map(fleet.map((each) => [each.id, each])), self, { ids: reading().lexicon.ids, problems: [] });
  const rule: Rule = {
    id: "R",
    level: "tenant",
    appliesTo: "both",
    guard: ALWAYS,
    evidenceLeast: 0,
    require: readBox(require, reading()),
    anyOf: anyOf.map((each) => readBox(each, reading())),
    cite: undefined,
  };
  const into = new Float64Array(columns.length);
  ruleEnds(into, rule, { columns, evidenceLeast });
  return [...into];
}

const GERMANY = { "backend.location.country": { in: ["DE"] } };

describe("ruleEnds", () => {
  it("is the end of the fact where it fits, and never where it does not", () => {
    expect(ends(GERMANY)).toEqual([100, NEVER, 50]);
    expect(ends({ "backend.location.country": { in: ["DE", "US"] } })).toEqual([100, FOREVER, 50]);
    expect(ends(GERMANY, [], 2)).toEqual([NEVER, NEVER, NEVER]);
  });

  it("is the earlier end of two conditions", () => {
    expect(ends({ ...GERMANY, "backend.retention.days": { at_most: 10 } })).toEqual([100, NEVER, NEVER]);
  });

  it("is the later end of two alternatives, but not later than what is required", () => {
    const either = [GERMANY, { "backend.retention.days": { at_most: 60 } }];
    expect(ends({ "backend.location.country": { in: ["@ALL_ASSIGNED"] } }, either)).toEqual([100, FOREVER, 50]);
    expect(ends({ "backend.retention.days": { at_most: 60 } }, either)).toEqual([200, FOREVER, NEVER]);
  });

  it("is the last end of one certificate, the first of all wanted, the last of any", () => {
    expect(ends({ "backend.certs": { has_all: ["HDS.2"] } })[0]).toBe(300);
    expect(ends({ "backend.certs": { has_all: ["HDS.2", "ISO27001"] } })[0]).toBe(300);
    expect(ends({ "backend.certs": { has_any: ["HDS.2", "ISO27001"] } })).toEqual([400, NEVER, NEVER]);
    expect(ends({ "backend.certs": { has_any: ["HDS.2"] } }, [], 3)[0]).toBe(NEVER);
  });

  it("is the end of this cell's fact, for everybody, where a rule speaks of self", () => {
    expect(ends({ "self.location.country": { in: ["DE"] } })).toEqual([50, 50, 50]);
    expect(ends({ "self.location.country": { in: ["FR"] } })).toEqual([NEVER, NEVER, NEVER]);
  });
});
