import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { Fault } from "../../../src/faults.ts";
import { decide } from "../../../src/policies/decide.ts";
import { readRequirement } from "../../../src/policies/require.ts";
import { bundleOf, certificate, fact, idsOf, NOW_MS, permissive, backend, policy, question, rule, sheet, standing } from "./fixture.ts";

const fleet = [
  backend(
    "de",
    sheet({ "location.country": fact("DE", { evidence: "audit" }), "operator.country": "DE" }, [certificate("BSI-C5:2026.type2")]),
  ),
  backend("fr", sheet({ "location.country": fact("FR", { evidence: "contract" }), "operator.country": "US" })),
  standing("us", "US"),
];
const bundle = bundleOf(fleet, permissive());
const admitted = (require: string) => idsOf(decide(bundle, question({ require }), NOW_MS).admissible);

describe("the header", () => {
  it.each([
    ["country=(DE FR)", ["de", "fr"]],
    ["country=DE", ["de"]],
    ['country=("@EU" US)', ["de", "fr", "us"]],
    ['country=("@EU" "-FR")', ["de"]],
    ["operator-country=(DE)", ["de"]],
    ["certs=(BSI-C5.type2)", ["de"]],
    ["evidence=audit", ["de"]],
    ["country=(FR US),operator-country=(US DE)", ["fr", "us"]],
    ["  country=( DE  FR ) ,\tclass=secret ", ["de", "fr"]],
    ["country=(CH)", []],
  ])("%s leaves %j", (require, ids) => {
    expect(admitted(require)).toEqual(ids);
  });

  it("is named in exclusions as a rule of the request", () => {
    expect(decide(bundle, question({ require: "country=(CH FR)" }), NOW_MS).excluded()).toContainEqual({
      backend: "us",
      level: "request",
      rule: "Sovereignty-Require",
      attribute: "backend.location.country",
      reason: "mismatch",
    });
  });

  it("asks its evidence of every rule's facts", () => {
    const reasons = decide(bundle, question({ require: "evidence=attested" }), NOW_MS).excluded();
    expect(new Set(reasons.map(({ level, reason }) => `${level} ${reason}`))).toEqual(
      new Set(["platform evidence", "operator evidence", "msp evidence", "tenant evidence"]),
    );
  });
});

describe("class", () => {
  const law = bundleOf(fleet, [
    ...permissive("tenant"),
    policy("tenant", "tenant", [
      rule("LOW", { "backend.location.country": { in: ["DE"] } }, { when: { "request.class": { at_most: "confidential" } } }),
      rule("ALL", { "backend.location.country": { in: ["DE", "FR"] } }),
      rule("SECRET", { "backend.certs": { has_all: ["ISO27001"] } }, { when: { "request.class": { at_least: "secret" } } }),
    ]),
  ]);
  const asked = (require: string | undefined) => decide(law, question({ require }), NOW_MS);

  it("may be raised, and the higher class brings its rules", () => {
    expect(asked("class=secret")).toMatchObject({ effectiveClass: "secret", admissible: [] });
  });

  it("is never lowered", () => {
    expect(asked("class=public")).toMatchObject({ effectiveClass: "confidential", admissible: asked(undefined).admissible });
  });

  it("does not shake off the rules of the lower class when raised", () => {
    expect(idsOf(asked("class=restricted").admissible)).toEqual(["de"]);
  });

  it("does not make a level speak that is silent without it", () => {
    const silent = bundleOf(fleet, [
      ...permissive("tenant"),
      policy("tenant", "tenant", [
        rule("R", { "backend.location.country": { in: ["DE"] } }, { when: { "request.class": { at_least: "secret" } } }),
      ]),
    ]);
    expect(
      decide(silent, question({ require: "class=secret" }), NOW_MS)
        .excluded()
        .map(({ reason }) => reason),
    ).toContain("no-policy");
    expect(decide(silent, question({ require: "class=secret" }), NOW_MS).admissible).toEqual([]);
  });
});

describe("a header that is not understood", () => {
  it.each([
    ["", "a key is needed at position 1"],
    ["country=(DE)),", "unexpected text at position 13"],
    ["country=(DE),", "a key is needed at position 14"],
    ["country=(DE), country=(US)", '"country" is given twice'],
    ["region=(DE)", '"region" is not a key of this header'],
    ["cc=?1", 'a value of "cc" is needed'],
    ["country", '"country" needs a value'],
    ["country=()", '"country" needs at least one value'],
    ["country=(de)", '"de" is not an assigned country code (write "DE")'],
    ["country=(DEU)", '"DEU" is not an assigned country code'],
    ["country=(UK)", 'write "GB"'],
    ["country=(D E)", "is not an assigned country code"],
    ["country=(DE;q=1)", "are separated by blanks"],
    ["country=(DE);x", "unexpected text"],
    ["country=(DE,FR)", "are separated by blanks"],
    ["country=(DE\u0415)", "are separated by blanks"],
    ["country=(\u13a0E)", "is needed at position"],
    ['country=("D\\"E")', "is needed at position"],
    ["country=(@EU)", "is needed at position"],
    ["COUNTRY=(DE)", "a key is needed"],
    ["certs=(ISO9001)", "is not a registered certificate"],
    ["class=top", '"class" takes one of: public, internal, confidential, restricted, secret'],
    ["class=(secret public)", '"class" takes one of'],
    ["evidence=hearsay", '"evidence" takes one of: self, contract, audit, attested'],
    [`country=(${"DE ".repeat(BOUNDS.requireHeaderBytesMax)})`, "it is longer than 1024 bytes"],
  ])("is refused whole: %j", (header, message) => {
    let thrown: unknown;
    try {
      decide(bundle, question({ require: header }), NOW_MS);
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof Fault)) throw new Error("a fault was due");
    expect([thrown.fault, thrown.kind.status, thrown.param]).toEqual(["sov_bad_header", 400, "Sovereignty-Require"]);
    expect(thrown.message).toContain(message);
  });

  it("is no header when it is absent", () => {
    expect(readRequirement("class=public")).toEqual({ rule: undefined, evidenceLeast: 0, classLeast: 0 });
  });
});
