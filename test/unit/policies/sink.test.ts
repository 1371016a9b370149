import { describe, expect, it } from "vitest";
import type { Exporter } from "../../../src/domain/estate.ts";
import type { FactSheet } from "../../../src/domain/facts.ts";
import { operatorId, siteId } from "../../../src/domain/ids.ts";
import type { Bundle, BundleInput } from "../../../src/policies/bundle.ts";
import { sinkAdmits, sinkExclusions } from "../../../src/policies/sink.ts";
import {
  ANYWHERE,
  bundleOf,
  certificate,
  DAY_MS,
  fact,
  NOW_MS,
  permissive,
  policy,
  problemsOf,
  question,
  rule,
  sheet,
  standing,
} from "./fixture.ts";

const DE = { "location.country": "DE", "operator.country": "DE", "operator.parents": ["DE"] } as const;
const FR = { "location.country": "FR", "operator.country": "FR", "operator.parents": ["FR"] } as const;
const HERE = { site: siteId("site"), operator: operatorId("op") };

type Place = "here" | "nowhere";

function exporter(facts: FactSheet, at: Place = "here"): Exporter {
  const [endpoint, serviceName] = ["http://collector:4318", "bailiwick"];
  return {
    endpoint,
    serviceName,
    headers: new Map(),
    standing: at === "here" ? HERE : undefined,
    facts,
    tracesRatio: 1,
    metricsIntervalMs: 60_000,
  };
}

function law(of: Exporter, tenant: readonly unknown[], rest: Partial<BundleInput> = {}): Bundle {
  return bundleOf([standing("de", "DE")], [...permissive("tenant"), policy("tenant", "tenant", tenant)], { ...rest, exporter: of });
}

const only = (...countries: readonly string[]) => [rule("ONLY", { "backend.location.country": { in: countries } })];
const admits = (bundle: Bundle, nowMs = NOW_MS, over: Parameters<typeof question>[0] = {}) => sinkAdmits(bundle, question(over), nowMs);

describe("sinkAdmits", () => {
  it("judges the sink by the rules that a backend is judged by", () => {
    expect(admits(law(exporter(sheet(DE)), only("DE")))).toBe(true);
    expect(admits(law(exporter(sheet(FR)), only("DE")))).toBe(false);
    expect(admits(law(exporter(sheet(FR)), only("DE", "FR")))).toBe(true);
    expect(admits(law(exporter(sheet(DE)), [rule("C", { "backend.certs": { has_all: ["ISO27001"] } })]))).toBe(false);
    const certified = exporter(sheet(DE, [certificate("ISO27001")]));
    expect(admits(law(certified, [rule("C", { "backend.certs": { has_all: ["ISO27001"] } }, { applies_to: "backend" })]))).toBe(true);
  });

  it("takes nothing for granted that is not stated", () => {
    expect(admits(law(exporter(sheet({})), only("DE")))).toBe(false);
    expect(admits(law(exporter(sheet({}), "nowhere"), only("@ALL_ASSIGNED")))).toBe(false);
    expect(admits(bundleOf([standing("de", "DE")], permissive()))).toBe(false);
  });

  it.each(["platform", "operator", "msp", "tenant"] as const)("does not take the silence of %s for consent", (level) => {
    const bundle = (...without: readonly (typeof level)[]) =>
      bundleOf([standing("de", "DE")], permissive(...without), { exporter: exporter(sheet(DE)) });
    expect([admits(bundle()), admits(bundle(level))]).toEqual([true, false]);
  });

  it("asks the operator whose site it is, and none where it stands at no site", () => {
    const policies = [...permissive("operator"), policy("operator", "op", only("FR"))];
    const at = (place: Place) => bundleOf([standing("de", "DE")], policies, { exporter: exporter(sheet(DE), place) });
    expect([admits(at("here")), admits(at("nowhere"))]).toEqual([false, true]);
    const named = [rule("OP", { "backend.operator.id": { in: ["op"] } }, { applies_to: "backend" })];
    expect([admits(law(exporter(sheet(DE)), named)), admits(law(exporter(sheet(DE), "nowhere"), named))]).toEqual([true, false]);
  });

  it("takes logs for lying where the sink is, whatever is claimed of the cell", () => {
    const logs = [rule("LOGS", { "self.location.logs": { subset_of: ["DE"] } }, { applies_to: "both" })];
    const cell = { self: sheet({ ...DE, "location.logs": ["DE"] }) };
    expect(admits(law(exporter(sheet(DE)), logs, cell))).toBe(true);
    expect(admits(law(exporter(sheet(FR)), logs, cell))).toBe(false);
    expect(admits(law(exporter(sheet({})), logs, cell))).toBe(false);
    const both = [rule("LOGS", { "backend.location.logs": { subset_of: ["DE"] } })];
    expect(admits(law(exporter(sheet(DE)), both, cell))).toBe(true);
    expect(admits(law(exporter(sheet({ ...DE, "location.logs": ["DE", "US"] })), both, cell))).toBe(false);
  });

  it("asks rules about the cell alone, and takes no claim of it for the sink's", () => {
    const cell = { self: sheet({ ...DE, "location.logs": ["DE"] }) };
    const logs = [ANYWHERE, rule("LOGS", { "backend.location.logs": { subset_of: ["DE"] } }, { applies_to: "self" })];
    expect(admits(law(exporter(sheet(DE)), logs, cell))).toBe(true);
    expect(admits(law(exporter(sheet(FR)), logs, cell))).toBe(false);
    const ofCell = (of: string) => [rule("CELL", { [`self.${of}`]: { subset_of: ["DE"] } })];
    const subjects = { platform: "", operator: "op", msp: "msp" } as const;
    const above = (["platform", "operator", "msp"] as const).map((level) => policy(level, subjects[level], ofCell("operator.parents")));
    const about = (of: string) =>
      bundleOf([], [...above, policy("tenant", "tenant", ofCell(of))], { ...cell, exporter: exporter(sheet({})) });
    expect([admits(about("operator.parents")), admits(about("location.logs"))]).toEqual([true, false]);
  });

  it("lets a request narrow further, by its header and its class", () => {
    const bundle = law(exporter(sheet(DE)), only("DE", "FR"));
    expect(admits(bundle, NOW_MS, { require: "country=(DE)" })).toBe(true);
    expect(admits(bundle, NOW_MS, { require: "country=(FR)" })).toBe(false);
    expect(admits(bundle, NOW_MS, { require: "evidence=audit" })).toBe(false);
    expect(admits(bundle, NOW_MS, { defaultClass: "top" })).toBe(false);
    expect(() => admits(bundle, NOW_MS, { require: "colour=(red)" })).toThrow();
  });

  it("lets a rule speak about some requests only", () => {
    const chat = rule(
      "CHAT",
      { "backend.location.country": { in: ["FR"] } },
      { when: { "request.endpoint": { in: ["chat"] } }, applies_to: "backend" },
    );
    const bundle = law(exporter(sheet(DE)), [chat, ...only("DE", "FR")]);
    expect([admits(bundle), admits(bundle, NOW_MS, { capability: "embeddings" })]).toEqual([false, true]);
  });

  it("ends with its facts", () => {
    const bundle = law(exporter(sheet({ ...DE, "location.country": fact("DE", { expiresAtMs: NOW_MS + DAY_MS }) })), only("DE"));
    expect([admits(bundle, NOW_MS + DAY_MS - 1), admits(bundle, NOW_MS + DAY_MS), admits(bundle, Number.NaN)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

it("names every reason", () => {
  const reasons = (bundle: Bundle) =>
    sinkExclusions(bundle, question(), NOW_MS).map(({ backend, attribute, reason }) => [backend, attribute, reason]);
  expect(reasons(law(exporter(sheet(DE)), only("DE")))).toEqual([]);
  expect(reasons(law(exporter(sheet(FR)), only("DE")))).toEqual([["telemetry:otlp", "backend.location.country", "mismatch"]]);
  expect(reasons(law(exporter(sheet({}), "nowhere"), only("DE")))).toContainEqual([
    "telemetry:otlp",
    "backend.location.country",
    "unknown",
  ]);
  expect(reasons(bundleOf([], permissive("tenant"), { exporter: exporter(sheet(DE)) }))).toEqual([
    ["telemetry:otlp", "-", "no-policy"],
    ["self", "-", "no-policy"],
  ]);
  expect(reasons(bundleOf([], permissive()))).toEqual([]);
});

it("refuses facts that are none, at their place", () => {
  const problems = problemsOf([], permissive(), { exporter: exporter(sheet({ "location.cuntry": "DE", "operator.id": "op" })) });
  expect(problems.map(({ where }) => where)).toEqual(["telemetry.otlp.facts.operator.id", "telemetry.otlp.facts.location.cuntry"]);
});
