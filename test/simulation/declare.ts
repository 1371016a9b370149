/** From the plain description to what the gateway is given: declared values, the compiled law, and the directory of keys. */
import { hash } from "node:crypto";
import type { Declared } from "../../src/domain/estate.ts";
import type { FactSheet } from "../../src/domain/facts.ts";
import type { Backend, Model } from "../../src/domain/fleet.ts";
import { backendId, keyId, modelId, mspId, operatorId, projectId, siteId, tenantId } from "../../src/domain/ids.ts";
import type { Key, Msp, Principal, Project, Tenant } from "../../src/domain/tenancy.ts";
import { compileBundle } from "../../src/policies/bundle.ts";
import { hostsOf, type Estate } from "../../src/world.ts";
import { type PlainBackend, type PlainEstate, type PlainMsp, SECRET } from "./plain-estate.ts";
import type { PlainFacts } from "./plain-law.ts";

export const sha256 = (bytes: Buffer | string): string => hash("sha256", bytes, "base64url");

/** An estate with the plain words that it came from. */
export interface Built {
  readonly plain: PlainEstate;
  readonly estate: Estate;
  /** By hash of the secret. */
  readonly principals: ReadonlyMap<string, Principal>;
}

const TEMPLATE = { source: "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}", bosToken: "", eosToken: "" };

/** @param law the documents that are compiled, where a planted mistake wants others than the checker reads */
export function build(plain: PlainEstate, nowMs: number, law = plain.documents): Built {
  const declared = declare(plain, law);
  const compiled = compileBundle({ ...declared, epoch: plain.epoch, nowMs });
  if (!compiled.ok) throw new Error(`the simulation's own law does not compile: ${JSON.stringify(compiled.problems[0])}`);
  return { plain, estate: { declared, bundle: compiled.bundle, hosts: hostsOf(declared.msps) }, principals: principalsOf(declared) };
}

function declare(plain: PlainEstate, law: PlainEstate["documents"]): Declared {
  const models = new Map(
    plain.models.map((each): [Model["id"], Model] => [
      modelId(each.id),
      { ...each, id: modelId(each.id), capabilities: new Set(each.capabilities) },
    ]),
  );
  const operators = [...new Set([`${SECRET}-op-a`, `${SECRET}-op-b`])];
  return {
    settings: {
      listen: [],
      admin: { host: "", port: 0, keyHash: undefined },
      trustedProxies: [],
      dataDir: "",
      fsync: false,
      logLevel: "silent",
      deadlines: { firstByteMsMax: 120_000, betweenBytesMsMax: 60_000, totalMsMax: 600_000 },
    },
    operators: new Map(operators.map((id) => [operatorId(id), { id: operatorId(id), name: id }])),
    sites: new Map(operators.map((id) => [siteId(`${id}-site`), { id: siteId(`${id}-site`), operator: operatorId(id) }])),
    models,
    backends: new Map(plain.backends.map((each) => [backendId(each.id), backendOf(each, models)])),
    msps: new Map(plain.msps.map((each) => [mspId(each.id), mspOf(each, plain.epoch)])),
    tenants: new Map(
      plain.tenants.map((each): [Tenant["id"], Tenant] => [
        tenantId(each.id),
        { ...each, id: tenantId(each.id), msp: mspId(each.msp), name: each.id },
      ]),
    ),
    projects: new Map(
      plain.projects.map((each): [Project["id"], Project] => [
        projectId(each.id),
        { ...each, id: projectId(each.id), tenant: tenantId(each.tenant), name: each.id },
      ]),
    ),
    keys: plain.keys.map(keyOf),
    policies: law.map(({ level, subject, rules }) => ({
      level,
      subject,
      document: { rules },
      where: (path) => `${level} ${subject}: ${path.join(".")}`,
    })),
    self: sheetOf(plain.self),
    routing: { name: "simulated", weights: { queue: 1, inFlight: 1, kvUse: 1, latency: 1, price: 1, weight: 1 }, picker: plain.picker },
    cells: [],
  };
}

function sheetOf(facts: PlainFacts): FactSheet {
  return { facts: new Map(Object.entries(facts).map(([name, fact]) => [name, { ...fact, source: undefined }])), certificates: [] };
}

function backendOf(plain: PlainBackend, models: ReadonlyMap<Model["id"], Model>): Backend {
  const served = Object.entries(plain.models).flatMap(([id, servedName]) => {
    const model = models.get(modelId(id));
    return model === undefined
      ? []
      : [[model.id, { model, servedName, chatTemplate: plain.engine === "triton" ? TEMPLATE : undefined }] as const];
  });
  return {
    id: backendId(plain.id),
    operator: operatorId(plain.operator),
    site: siteId(`${plain.operator}-site`),
    engine: plain.engine,
    baseUrl: plain.baseUrl,
    credential: `${SECRET}-credential`,
    models: new Map(served),
    facts: sheetOf(plain.facts),
    weight: 1,
    concurrencyMax: plain.concurrencyMax,
  };
}

function mspOf(plain: PlainMsp, epoch: number): Msp {
  const aliases = Object.entries(plain.aliases).map(([name, { model, price }]) => {
    const { input, cached, output } = price;
    return [
      name,
      {
        name,
        model: modelId(model),
        ownedBy: plain.id,
        price: { inputMicroPerMillion: input, cachedInputMicroPerMillion: cached, outputMicroPerMillion: output },
        createdAtS: 1,
      },
    ] as const;
  });
  return {
    id: mspId(plain.id),
    hosts: [plain.host],
    brand: { name: plain.id, supportUrl: undefined, diagnostics: plain.diagnostics },
    aliases: new Map(aliases),
    priceBook: { version: `v${epoch}`, currency: "EUR" },
    limits: plain.limits,
  };
}

function keyOf(plain: PlainEstate["keys"][number]): Key {
  const { secret, revoked, explain, limits } = plain;
  return {
    id: keyId(plain.id),
    project: projectId(plain.project),
    name: plain.id,
    hash: sha256(secret),
    hint: secret.slice(-4),
    limits,
    expiresAtMs: undefined,
    revokedAtMs: revoked ? 1 : undefined,
    createdAtMs: 0,
    models: undefined,
    cidrs: undefined,
    explain,
  };
}

function principalsOf({ keys, projects, tenants, msps }: Declared): ReadonlyMap<string, Principal> {
  const found = new Map<string, Principal>();
  for (const key of keys) {
    const project = projects.get(key.project);
    const tenant = project === undefined ? undefined : tenants.get(project.tenant);
    const msp = tenant === undefined ? undefined : msps.get(tenant.msp);
    if (project !== undefined && tenant !== undefined && msp !== undefined) found.set(key.hash, { msp, tenant, project, key });
  }
  return found;
}
