/** MSPs, tenants, projects and keys as the rest of the gateway knows them. */
import type { KeyId, MspId, ProjectId, TenantId } from "../../domain/ids.ts";
import { keyId, modelId, mspId, projectId, tenantId } from "../../domain/ids.ts";
import type { Price } from "../../domain/money.ts";
import type { Alias, Key, Limits, Msp, Project, Tenant } from "../../domain/tenancy.ts";
import { microUnits } from "../decimal.ts";
import { normalHash } from "../hash.ts";
import type { FileFormat } from "../schema/file.ts";
import type { KeyFormat, LimitsFormat, MspFormat, PriceFormat } from "../schema/tenancy.ts";
import { instantMs } from "./facts.ts";
import { owner } from "./fleet.ts";

export interface TenancyPart {
  readonly msps: ReadonlyMap<MspId, Msp>;
  readonly tenants: ReadonlyMap<TenantId, Tenant>;
  readonly projects: ReadonlyMap<ProjectId, Project>;
  readonly keys: readonly Key[];
}

export function buildTenancy(file: FileFormat): TenancyPart {
  const msps = new Map<MspId, Msp>();
  for (const [id, given] of Object.entries(file.msps)) msps.set(mspId(id), buildMsp(id, given));
  const tenants = new Map<TenantId, Tenant>();
  for (const [id, given] of Object.entries(file.tenants)) {
    const msp = mspId(owner(file, "tenants", id));
    tenants.set(tenantId(id), {
      id: tenantId(id),
      msp,
      name: given.name ?? id,
      limits: buildLimits(given.limits),
      defaultClass: given.default_class,
    });
  }
  const projects = new Map<ProjectId, Project>();
  for (const [id, given] of Object.entries(file.projects)) {
    const tenant = tenantId(owner(file, "projects", id));
    projects.set(projectId(id), { id: projectId(id), tenant, name: given.name ?? id, limits: buildLimits(given.limits) });
  }
  const keys = Object.entries(file.keys).map(([id, given]) => buildKey(keyId(id), projectId(owner(file, "keys", id)), given));
  return { msps, tenants, projects, keys };
}

function buildMsp(id: string, given: MspFormat): Msp {
  const aliases = new Map<string, Alias>();
  for (const [name, alias] of Object.entries(given.aliases)) {
    const createdAtS = Math.floor((instantMs(alias.created) ?? 0) / 1_000);
    aliases.set(name, { name, model: modelId(alias.model), ownedBy: alias.owned_by ?? id, price: buildPrice(alias.price), createdAtS });
  }
  return {
    id: mspId(id),
    hosts: given.hosts,
    brand: { name: given.brand.name ?? id, supportUrl: given.brand.support_url, diagnostics: given.brand.diagnostics },
    aliases,
    priceBook: given.price_book,
    limits: buildLimits(given.limits),
  };
}

function buildPrice({ input, cached_input: cached, output }: PriceFormat): Price {
  return {
    inputMicroPerMillion: microUnits(input),
    cachedInputMicroPerMillion: microUnits(cached ?? input),
    outputMicroPerMillion: microUnits(output),
  };
}

function buildLimits(given: LimitsFormat): Limits {
  return {
    requestsPerMinute: given.requests_per_minute,
    tokensPerMinute: given.tokens_per_minute,
    concurrency: given.concurrency,
    budgetPerMonth: given.budget_per_month === undefined ? undefined : microUnits(given.budget_per_month),
  };
}

function buildKey(id: KeyId, project: ProjectId, given: KeyFormat): Key {
  const hash = normalHash(given.hash);
  if (hash === undefined) throw new Error(`config: key ${id} has no readable hash after the schema was checked`);
  return {
    id,
    project,
    name: given.name ?? id,
    hash,
    hint: given.hint,
    limits: buildLimits(given.limits),
    expiresAtMs: instantMs(given.expires),
    revokedAtMs: instantMs(given.revoked),
    createdAtMs: instantMs(given.created) ?? 0,
    models: given.models === undefined ? undefined : new Set(given.models),
    cidrs: given.cidrs,
    explain: given.explain,
  };
}
