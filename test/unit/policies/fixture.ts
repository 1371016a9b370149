/** A small fleet with its law, which tests bend in one place each. */
import { expect } from "vitest";
import type { PolicySource } from "../../../src/domain/estate.ts";
import type { Certificate, Fact, FactSheet, FactValue } from "../../../src/domain/facts.ts";
import type { Backend, Model } from "../../../src/domain/fleet.ts";
import { backendId, keyId, modelId, mspId, operatorId, projectId, requestId, siteId, tenantId } from "../../../src/domain/ids.ts";
import type { Question } from "../../../src/domain/law.ts";
import { type Bundle, type BundleInput, compileBundle } from "../../../src/policies/bundle.ts";

export const NOW_MS = 1_780_000_000_000;
export const DAY_MS = 86_400_000;
export const REQUEST = requestId("0".repeat(32));

export const fact = (value: FactValue, rest: Partial<Fact> = {}): Fact => ({
  value,
  evidence: "contract",
  source: undefined,
  expiresAtMs: undefined,
  ...rest,
});

export const certificate = (code: string, rest: Partial<Certificate> = {}): Certificate => ({
  code,
  scope: undefined,
  evidence: "audit",
  expiresAtMs: undefined,
  ...rest,
});

/** A sheet of plain values, or of whole facts where evidence or expiry matters. */
export function sheet(values: Readonly<Record<string, FactValue | Fact>>, certificates: readonly Certificate[] = []): FactSheet {
  const entries = Object.entries(values).map(([name, value]): [string, Fact] => [
    name,
    typeof value === "object" && "value" in value ? value : fact(value),
  ]);
  return { facts: new Map(entries), certificates };
}

export const MODEL: Model = {
  id: modelId("llama"),
  contextTokensMax: 8_192,
  completionTokensMax: undefined,
  capabilities: new Set(["chat"]),
};

export function backend(id: string, facts: FactSheet, rest: Partial<Backend> = {}): Backend {
  return {
    id: backendId(id),
    operator: operatorId("op"),
    site: siteId("site"),
    engine: "vllm",
    baseUrl: `http://${id}:8000`,
    credential: undefined,
    models: new Map([[MODEL.id, { model: MODEL, servedName: "llama", chatTemplate: undefined }]]),
    facts,
    weight: 1,
    concurrencyMax: 8,
    ...rest,
  };
}

/** A backend in one country, run from there. */
export const standing = (id: string, country: string, rest: Partial<Backend> = {}): Backend =>
  backend(id, sheet({ "location.country": country, "operator.country": country, "operator.parents": [country] }), rest);

const where = (path: readonly (string | number)[]): string => `law:${path.join(".")}`;

/** A document with these rules, or a whole document where it has more than rules. */
export function policy(
  level: PolicySource["level"],
  subject: string,
  content: readonly unknown[] | Readonly<Record<string, unknown>>,
): PolicySource {
  return { level, subject, document: Array.isArray(content) ? { rules: content } : content, where };
}

export const rule = (id: string, require: unknown, rest: Readonly<Record<string, unknown>> = {}): unknown => ({ id, require, ...rest });

export const ANYWHERE = rule("ANYWHERE", { "backend.location.country": { in: ["@ALL_ASSIGNED"] } });

/** The levels that must speak, permitting everything; of those, the named ones are left out. */
export function permissive(...without: readonly PolicySource["level"][]): readonly PolicySource[] {
  const all = [
    policy("platform", "", [ANYWHERE]),
    policy("operator", "op", [ANYWHERE]),
    policy("msp", "msp", [ANYWHERE]),
    policy("tenant", "tenant", [ANYWHERE]),
  ];
  return all.filter(({ level }) => !without.includes(level));
}

export function input(backends: readonly Backend[], policies: readonly PolicySource[], rest: Partial<BundleInput> = {}): BundleInput {
  const limits = { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrency: undefined, budgetPerMonth: undefined };
  const [msp, tenant, project] = [mspId("msp"), tenantId("tenant"), projectId("project")];
  const brand = { name: "Brand", supportUrl: undefined, diagnostics: false };
  return {
    policies,
    backends: new Map(backends.map((each) => [each.id, each])),
    self: sheet({ "location.country": "DE", "operator.country": "DE", "operator.parents": ["DE"] }),
    operators: new Map(["op", "other"].map((id) => [operatorId(id), { id: operatorId(id), name: id }])),
    msps: new Map([[msp, { id: msp, hosts: [], brand, aliases: new Map(), priceBook: { version: "1", currency: "EUR" }, limits }]]),
    tenants: new Map([[tenant, { id: tenant, msp, name: "Tenant", limits, defaultClass: "confidential" }]]),
    projects: new Map([[project, { id: project, tenant, name: "Project", limits }]]),
    epoch: 1,
    nowMs: NOW_MS,
    ...rest,
  };
}

/** Compiles what must compile. */
export function bundleOf(backends: readonly Backend[], policies: readonly PolicySource[], rest: Partial<BundleInput> = {}): Bundle {
  const compiled = compileBundle(input(backends, policies, rest));
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems, null, 2));
  return compiled.bundle;
}

/** Problems of what must not compile. */
export function problemsOf(backends: readonly Backend[], policies: readonly PolicySource[], rest: Partial<BundleInput> = {}) {
  const compiled = compileBundle(input(backends, policies, rest));
  expect(compiled.ok).toBe(false);
  return compiled.ok ? [] : compiled.problems;
}

export const question = (rest: Partial<Question> = {}): Question => ({
  msp: mspId("msp"),
  tenant: tenantId("tenant"),
  project: projectId("project"),
  key: keyId("key"),
  model: MODEL.id,
  capability: "chat",
  defaultClass: "confidential",
  require: undefined,
  ...rest,
});

export const idsOf = (backends: readonly Backend[]): readonly string[] => backends.map(({ id }) => id);
