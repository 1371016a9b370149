/** Everything declared, as the simulation thinks of it: plain enough for the checker to read, and the source of what the gateway is given. */
import type { Capability, EngineKind } from "../../src/domain/fleet.ts";
import type { Limits } from "../../src/domain/tenancy.ts";
import type { Chance } from "./chance.ts";
import { type PlainDocument, type PlainFact, type PlainFacts, type PlainRule, RUNGS } from "./plain-law.ts";

/** Whatever a caller may never read has this in its name. */
export const SECRET = "hush";

export interface PlainModel {
  readonly id: string;
  readonly contextTokensMax: number;
  readonly completionTokensMax: number | undefined;
  readonly capabilities: readonly Capability[];
}

export interface PlainBackend {
  readonly id: string;
  readonly operator: string;
  readonly engine: EngineKind;
  readonly baseUrl: string;
  /** Model id -> the engine's name for it. */
  readonly models: Readonly<Record<string, string>>;
  readonly facts: PlainFacts;
  readonly concurrencyMax: number;
}

export interface PlainPrice {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

export interface PlainMsp {
  readonly id: string;
  readonly host: string;
  /** Alias -> model and price in micro-units per million tokens. */
  readonly aliases: Readonly<Record<string, { readonly model: string; readonly price: PlainPrice }>>;
  readonly diagnostics: boolean;
  readonly limits: Limits;
}

export interface PlainKey {
  readonly id: string;
  readonly project: string;
  readonly tenant: string;
  readonly msp: string;
  readonly secret: string;
  readonly limits: Limits;
  readonly revoked: boolean;
  readonly explain: boolean;
}

export interface PlainEstate {
  readonly epoch: number;
  readonly models: readonly PlainModel[];
  readonly backends: readonly PlainBackend[];
  readonly msps: readonly PlainMsp[];
  readonly tenants: readonly { readonly id: string; readonly msp: string; readonly defaultClass: string; readonly limits: Limits }[];
  readonly projects: readonly { readonly id: string; readonly tenant: string; readonly limits: Limits }[];
  readonly keys: readonly PlainKey[];
  readonly documents: readonly PlainDocument[];
  readonly self: PlainFacts;
  readonly picker: "power-of-two" | "best" | "weighted-random";
}

export const COUNTRIES = ["DE", "FR", "CH", "US"] as const;
const OPERATORS = [`${SECRET}-op-a`, `${SECRET}-op-b`] as const;
const FREE: Limits = { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrency: undefined, budgetPerMonth: undefined };
const MODELS: readonly PlainModel[] = [
  { id: "large", contextTokensMax: 2_048, completionTokensMax: undefined, capabilities: ["chat", "completions", "tokenize"] },
  { id: "small", contextTokensMax: 512, completionTokensMax: 64, capabilities: ["chat", "completions", "tokenize"] },
  { id: "vectors", contextTokensMax: 512, completionTokensMax: undefined, capabilities: ["embeddings"] },
];

export function generateEstate(chance: Chance, startMs: number): PlainEstate {
  const msps = ["north", "south"].map((id) => generateMsp(id, chance));
  const tenants = [0, 1, 2].map((n) => ({
    id: `tenant-${n}`,
    msp: n < 2 ? "north" : "south",
    defaultClass: chance.pick(["public", "internal", "confidential"]),
    limits: limits(chance, 0.3, 3),
  }));
  const projects = tenants.flatMap(({ id }) => [{ id: `${id}-p`, tenant: id, limits: limits(chance, 0.2, 2) }]);
  const keys = projects.flatMap((project, at) =>
    [1, 2].slice(0, at === 0 ? 2 : chance.between(1, 2)).map((n) => generateKey(`${project.id}-k${n}`, project, { tenants, chance })),
  );
  return {
    epoch: 1,
    models: MODELS,
    backends: Array.from({ length: chance.between(4, 8) }, (_, n) => generateBackend(n, chance, startMs)),
    msps,
    tenants,
    projects,
    keys,
    documents: generateLaw(
      chance,
      tenants.map(({ id }) => id),
      projects.map(({ id }) => id),
    ),
    self: {
      "location.country": fact("DE", "attested"),
      "operator.country": fact("DE", "attested"),
      tenancy: fact("air-gapped", "attested"),
    },
    picker: chance.pick(["power-of-two", "best", "weighted-random"] as const),
  };
}

export function fact(value: string | number, evidence: PlainFact["evidence"] = "contract", expiresAtMs?: number): PlainFact {
  return { value, evidence, expiresAtMs };
}

function generateMsp(id: string, chance: Chance): PlainMsp {
  // Half of the price books have amounts that end in exact halves.
  const step = chance.pick([1, 250_000]);
  const price = (): PlainPrice => ({
    input: chance.between(0, Math.floor(900_000 / step)) * step,
    cached: chance.between(0, Math.floor(400_000 / step)) * step,
    output: chance.between(0, Math.floor(3_000_000 / step)) * step,
  });
  const aliases = Object.fromEntries(MODELS.map((model) => [`${id}/${model.id}`, { model: model.id, price: price() }]));
  return { id, host: `${id}.test`, aliases, diagnostics: chance.hits(0.5), limits: limits(chance, 0.2, 6) };
}

function generateKey(
  id: string,
  project: { id: string; tenant: string },
  { tenants, chance }: { tenants: PlainEstate["tenants"]; chance: Chance },
): PlainKey {
  const msp = tenants.find((tenant) => tenant.id === project.tenant)?.msp ?? "";
  return {
    id,
    project: project.id,
    tenant: project.tenant,
    msp,
    secret: `sk-${chance.secret()}`,
    limits: limits(chance, 0.35, 1),
    revoked: false,
    explain: chance.hits(0.5),
  };
}

/** Each limit is there with this probability; wider scopes get larger ones. */
function limits(chance: Chance, share: number, scale: number): Limits {
  const maybe = (least: number, most: number): number | undefined => (chance.hits(share) ? chance.between(least, most) * scale : undefined);
  return {
    ...FREE,
    requestsPerMinute: maybe(3, 20),
    tokensPerMinute: maybe(100, 1_500),
    concurrency: maybe(1, 4),
    budgetPerMonth: maybe(2_000, 20_000),
  };
}

export function generateBackend(n: number, chance: Chance, nowMs: number): PlainBackend {
  const engine: EngineKind = chance.weighted({ vllm: 6, triton: 3, sglang: 1 });
  const served = n % 3 === 2 ? MODELS : chance.some(MODELS, 0.7);
  return {
    id: `${SECRET}-b${n}`,
    operator: chance.pick(OPERATORS),
    engine,
    baseUrl: `http://${SECRET}-host-${n}.internal:8000`,
    models: Object.fromEntries(served.map(({ id }) => [id, `${SECRET}-served-${id}-${n}`])),
    facts: generateFacts(chance, nowMs),
    concurrencyMax: chance.between(2, 6),
  };
}

export function generateFacts(chance: Chance, nowMs: number): PlainFacts {
  const expires = (): number | undefined => (chance.hits(0.12) ? nowMs + chance.between(-5_000, 90_000) : undefined);
  const country = chance.weighted({ DE: 5, FR: 3, CH: 1, US: 2 });
  const facts: Record<string, PlainFact> = {
    "location.country": fact(country, chance.pick(RUNGS.evidence), expires()),
    "operator.country": fact(chance.weighted({ DE: 5, FR: 2, US: 2 }), chance.pick(RUNGS.evidence), expires()),
  };
  if (chance.hits(0.8)) facts["tenancy"] = fact(chance.pick(RUNGS.tenancy), "contract", expires());
  if (chance.hits(0.8)) facts["retention.days"] = fact(chance.between(0, 30), "audit", expires());
  return facts;
}

function generateLaw(chance: Chance, tenants: readonly string[], projects: readonly string[]): readonly PlainDocument[] {
  const open: PlainRule = { id: "open", require: { "backend.location.country": { in: [...COUNTRIES] } } };
  const documents: PlainDocument[] = [{ level: "platform", subject: "", rules: [open] }];
  for (const subject of OPERATORS) documents.push({ level: "operator", subject, rules: [{ ...open, id: `${SECRET}-rule` }] });
  for (const subject of ["north", "south"])
    documents.push({ level: "msp", subject, rules: chance.hits(0.8) ? [open] : [open, generateRule("msp-more", chance)] });
  for (const subject of tenants) documents.push({ level: "tenant", subject, rules: generateRules(chance) });
  for (const subject of projects)
    if (chance.hits(0.3)) documents.push({ level: "project", subject, rules: [generateRule("project", chance)] });
  return documents;
}

export function generateRules(chance: Chance): readonly PlainRule[] {
  const rules: PlainRule[] = [
    {
      id: "places",
      require: { "backend.location.country": { in: places(chance) } },
      applies_to: chance.pick(["both", "backend"] as const),
    },
  ];
  if (chance.hits(0.6)) rules.push(generateRule("more", chance));
  if (chance.hits(0.4)) {
    const when = { "request.class": { at_least: chance.pick(RUNGS.class.slice(1)) } };
    rules.push({ id: "graded", when, require: { "backend.location.country": { in: places(chance) } }, applies_to: "backend" });
  }
  if (chance.hits(0.2)) rules.push({ id: "cell", require: { "self.location.country": { in: ["DE", "FR"] } } });
  return rules;
}

/** Mostly with the cell's own country, since a rule for both sides judges the cell too. */
function places(chance: Chance): readonly string[] {
  const some = chance.some(COUNTRIES, 0.5);
  return some.includes("DE") || chance.hits(0.03) ? some : ["DE", ...some];
}

function generateRule(id: string, chance: Chance): PlainRule {
  const require = chance.pick([
    { "backend.operator.country": { in: chance.some(["DE", "FR", "US"], 0.6) } },
    { "backend.tenancy": { at_least: chance.pick(RUNGS.tenancy.slice(0, 2)) } },
    { "backend.retention.days": { at_most: chance.between(5, 30) } },
    { "backend.location.country": { in: places(chance) } },
  ]);
  const rule: PlainRule = { id, require, applies_to: chance.weighted({ backend: 9, both: 1 }) };
  const classes = chance.hits(0.5) ? { at_least: chance.pick(RUNGS.class) } : { at_most: chance.pick(RUNGS.class) };
  const when = chance.hits(0.4) ? { when: { "request.class": classes } } : {};
  const evidence = chance.hits(0.2) ? { min_evidence: chance.pick(RUNGS.evidence) } : {};
  const either = chance.hits(0.15)
    ? { any_of: [{ "backend.tenancy": { at_least: "isolated-process" } }, { "backend.retention.days": { at_most: 20 } }] }
    : {};
  return { ...rule, ...when, ...evidence, ...either };
}
