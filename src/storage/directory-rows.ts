/** Rows of the directory as domain values, and back. */
import type { InferSelectModel } from "drizzle-orm";
import { keyId, mspId, projectId, tenantId } from "../domain/ids.ts";
import type { Key, Project, Tenant } from "../domain/tenancy.ts";
import type { KeyView, ProjectView, TenantView } from "../ports.ts";
import { limitsFromColumn, listFromColumn } from "./directory-input.ts";
import { policyFromColumn } from "./directory-policy.ts";
import type { apiKey, project, tenant } from "./tables.ts";

export type TenantRow = InferSelectModel<typeof tenant>;
export type ProjectRow = InferSelectModel<typeof project>;
export type KeyRow = InferSelectModel<typeof apiKey>;

/** Where an object lives: declared in a file, or made over the API. */
export type Home = KeyView["home"];

export function tenantOf(row: TenantRow): Tenant {
  return {
    id: tenantId(row.id),
    msp: mspId(row.msp),
    name: row.name,
    limits: limitsFromColumn(row.limits),
    defaultClass: row.defaultClass,
  };
}

export function projectOf(row: ProjectRow): Project {
  return { id: projectId(row.id), tenant: tenantId(row.tenant), name: row.name, limits: limitsFromColumn(row.limits) };
}

export function keyOf(row: KeyRow): Key {
  const models = listFromColumn(row.models);
  return {
    id: keyId(row.id),
    project: projectId(row.project),
    name: row.name,
    hash: row.hash,
    hint: row.hint,
    limits: limitsFromColumn(row.limits),
    expiresAtMs: row.expiresAtMs ?? undefined,
    revokedAtMs: row.revokedAtMs ?? undefined,
    createdAtMs: row.createdAtMs,
    models: models === undefined ? undefined : new Set(models),
    cidrs: listFromColumn(row.cidrs),
    explain: row.explain,
  };
}

/** @param column of a tenant made over the API; the file's policies are not the directory's */
export function tenantView({ id, msp, name, defaultClass, limits }: Tenant, home: Home, column: string | null): TenantView {
  return { id, msp, name, defaultClass, limits, policy: policyFromColumn(column), home };
}

export function projectView({ id, tenant, name, limits }: Project, home: Home): ProjectView {
  return { id, tenant, name, limits, home };
}

/** A key as people may see it: without its hash. */
export function keyView(key: Key, above: { readonly tenant: Tenant; readonly home: Home }): KeyView {
  return {
    id: key.id,
    project: key.project,
    tenant: above.tenant.id,
    msp: above.tenant.msp,
    name: key.name,
    hint: key.hint,
    createdAtMs: key.createdAtMs,
    expiresAtMs: key.expiresAtMs,
    revokedAtMs: key.revokedAtMs,
    models: key.models === undefined ? undefined : [...key.models],
    cidrs: key.cidrs,
    limits: key.limits,
    home: above.home,
  };
}
