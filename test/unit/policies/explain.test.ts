import { describe, expect, it } from "vitest";
import { decide } from "../../../src/policies/decide.ts";
import { explain, publicReasons, summary } from "../../../src/policies/explain.ts";
import { backend, bundleOf, certificate, DAY_MS, fact, NOW_MS, permissive, policy, question, rule, sheet, standing } from "./fixture.ts";

const fleet = [
  standing("de", "DE"),
  backend(
    "us",
    sheet({ "location.country": fact("US", { evidence: "audit", expiresAtMs: NOW_MS + DAY_MS }), "operator.country": "US" }, [
      certificate("ISO27001"),
    ]),
  ),
  backend("bare", sheet({})),
];
const law = bundleOf(fleet, [
  ...permissive("msp", "tenant"),
  policy("msp", "msp", [rule("MSP-SECRET-NAME", { "backend.location.country": { in: ["@EEA"] } })]),
  policy("tenant", "tenant", [
    rule("DE-1", { "backend.location.country": { in: ["DE"] }, "backend.operator.id": { in: ["op"] } }, { cite: "s. 393 SGB V" }),
    rule("C5", { "backend.certs": { has_all: ["BSI-C5.type2"] } }, { applies_to: "backend" }),
  ]),
]);

describe("explain", () => {
  const { backends, self, epoch, effectiveClass } = explain(law, question(), NOW_MS);

  it("says of every backend what each rule wanted and what it saw", () => {
    const us = backends.find((each) => each.backend === "us");
    expect(us?.admitted).toBe(false);
    expect(us?.reasons).toEqual([
      {
        backend: "us",
        level: "msp",
        rule: "MSP-SECRET-NAME",
        attribute: "backend.location.country",
        reason: "mismatch",
        wanted: "in [@EEA]",
        seen: "US (audit, until 2026-05-29T20:26:40.000Z)",
        cite: undefined,
      },
      {
        backend: "us",
        level: "tenant",
        rule: "DE-1",
        attribute: "backend.location.country",
        reason: "mismatch",
        wanted: "in [DE]",
        seen: "US (audit, until 2026-05-29T20:26:40.000Z)",
        cite: "s. 393 SGB V",
      },
      {
        backend: "us",
        level: "tenant",
        rule: "C5",
        attribute: "backend.certs",
        reason: "mismatch",
        wanted: "has_all [BSI-C5.type2]",
        seen: "ISO27001 (audit)",
        cite: undefined,
      },
    ]);
    expect(backends.find((each) => each.backend === "bare")?.reasons[0]).toMatchObject({
      level: "platform",
      reason: "unknown",
      seen: "nothing",
    });
  });

  it("says the same of this cell, and under which law", () => {
    expect({
      self: self.admitted,
      reasons: self.reasons.map(({ attribute, seen }) => `${attribute} ${seen}`),
      epoch,
      effectiveClass,
    }).toEqual({ self: false, reasons: ["self.operator.id nothing"], epoch: 1, effectiveClass: "confidential" });
  });
});

describe("summary", () => {
  const exclusions = decide(law, question(), NOW_MS).excluded();

  it("counts backends by rule and attribute, the most frequent first", () => {
    expect(summary(exclusions).map(({ level, rule: id, count }) => [level, id, count])).toEqual([
      ["tenant", "C5", 3],
      ["msp", "MSP-SECRET-NAME", 2],
      ["tenant", "DE-1", 2],
      ["platform", "ANYWHERE", 1],
      ["operator", "ANYWHERE", 1],
    ]);
  });

  it("gives a tenant its own rules, and of all others only counts", () => {
    const told = publicReasons(exclusions);
    expect(told).toEqual([
      { level: "platform", rule: undefined, attribute: undefined, count: 1 },
      { level: "operator", rule: undefined, attribute: undefined, count: 1 },
      { level: "msp", rule: undefined, attribute: undefined, count: 2 },
      { rule: "C5", level: "tenant", attribute: "backend.certs", count: 3 },
      { rule: "DE-1", level: "tenant", attribute: "backend.location.country", count: 2 },
    ]);
    expect(JSON.stringify(told)).not.toMatch(/MSP-SECRET|ANYWHERE|"us"|"bare"|"op"/);
  });

  it("counts a backend once, however many reasons a level has against it", () => {
    const twice = [...exclusions, ...exclusions];
    expect(publicReasons(twice)).toEqual(publicReasons(exclusions));
  });
});
