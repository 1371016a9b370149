import { describe, expect, it } from "vitest";
import { readBox } from "../../../src/policies/box.ts";
import { readGround, type Target } from "../../../src/policies/ground.ts";
import { boxHolds, judge } from "../../../src/policies/judge.ts";
import { EVIDENCE_RANK } from "../../../src/policies/vocabulary/ladders.ts";
import { certificate, fact, NOW_MS, sheet } from "./fixture.ts";
import { reading } from "./reading.ts";

const ids = reading().lexicon.ids;
const target = (...given: Parameters<typeof sheet>): Target => readGround(new Map(), sheet(...given), { ids, problems: [] }).self;
const ask = (conditions: unknown, on: Target, rest: { evidenceLeast?: number; self?: Target; nowMs?: number } = {}) =>
  readBox(conditions, reading()).map((atom) =>
    judge(atom, { target: on, self: rest.self ?? target({}), evidenceLeast: rest.evidenceLeast ?? 0, nowMs: rest.nowMs ?? NOW_MS }),
  );

describe("judge", () => {
  const known = target({
    "location.country": ["DE", "FR"],
    "retention.days": 5,
    tenancy: "dedicated-node",
    embargo: false,
    "support.countries": ["DE"],
  });

  it.each([
    [{ "backend.location.country": { in: ["@EU"] } }, undefined],
    [{ "backend.location.country": { in: ["DE"] } }, "mismatch"],
    [{ "backend.support.countries": { subset_of: ["DE", "FR"] } }, undefined],
    [{ "backend.support.countries": { subset_of: ["FR"] } }, "mismatch"],
    [{ "backend.retention.days": { at_most: 5 } }, undefined],
    [{ "backend.retention.days": { at_most: 4 } }, "mismatch"],
    [{ "backend.retention.days": { at_least: 6 } }, "mismatch"],
    [{ "backend.tenancy": { at_least: "dedicated-node" } }, undefined],
    [{ "backend.tenancy": { at_least: "air-gapped" } }, "mismatch"],
    [{ "backend.embargo": { in: [false] } }, undefined],
    [{ "backend.embargo": { in: [true] } }, "mismatch"],
    [{ "backend.train_on_data": { in: [false] } }, "unknown"],
    [{ "self.location.country": { in: ["DE"] } }, "unknown"],
  ])("answers %j with %s", (conditions, reason) => {
    expect(ask(conditions, known)).toEqual([reason]);
  });

  it("looks at this cell for self", () => {
    expect(ask({ "self.location.country": { in: ["DE"] } }, target({}), { self: target({ "location.country": "DE" }) })).toEqual([
      undefined,
    ]);
  });

  it("names an end before a rung, and a rung before a value", () => {
    const weak = target({ "location.country": fact("US", { evidence: "self", expiresAtMs: NOW_MS }) });
    const asked = { "backend.location.country": { in: ["DE"] } };
    const audit = EVIDENCE_RANK.get("audit") ?? 0;
    expect(ask(asked, weak, { evidenceLeast: audit })).toEqual(["expired"]);
    expect(ask(asked, weak, { evidenceLeast: audit, nowMs: NOW_MS - 1 })).toEqual(["evidence"]);
    expect(ask(asked, weak, { nowMs: NOW_MS - 1 })).toEqual(["mismatch"]);
  });

  it("names the nearest miss among certificates", () => {
    const asked = { "backend.certs": { has_all: ["BSI-C5.type2"] } };
    const old = certificate("BSI-C5.type2", { expiresAtMs: NOW_MS });
    const weak = certificate("BSI-C5.type2", { evidence: "self" });
    expect(
      [[], [certificate("HDS.2")], [old], [old, weak], [weak, old], [old, weak, certificate("BSI-C5:2020.type2")]].map(
        (held) => ask(asked, target({}, held), { evidenceLeast: 1 })[0],
      ),
    ).toEqual(["unknown", "mismatch", "expired", "evidence", "evidence", undefined]);
  });
});

describe("boxHolds", () => {
  it("needs every atom", () => {
    const bench = { target: target({ embargo: false }), self: target({}), evidenceLeast: 0, nowMs: NOW_MS };
    expect(boxHolds(readBox({ "backend.embargo": { in: [false] } }, reading()), bench)).toBe(true);
    expect(boxHolds(readBox({ "backend.embargo": { in: [false] }, "backend.train_on_data": { in: [false] } }, reading()), bench)).toBe(
      false,
    );
  });
});
