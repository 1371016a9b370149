/** Who is who: what the files declare over what the database holds, as one tree. */
import type { Database } from "better-sqlite3";
import { and, asc, count, eq, isNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { projectId, tenantId } from "../domain/ids.ts";
import type { Key, Msp, Principal, Project, Tenant } from "../domain/tenancy.ts";
import type { Kept, ProjectView, TenantView } from "../ports.ts";
import type { DeclaredDirectory } from "./directory-homes.ts";
import { policyFromColumn, policySource } from "./directory-policy.ts";
import { keyOf, projectOf, projectView, tenantOf, tenantView } from "./directory-rows.ts";
import type { Home } from "./directory-rows.ts";
import { apiKey, project, tenant } from "./tables.ts";

export const NOTHING_DECLARED: DeclaredDirectory = { msps: new Map(), tenants: new Map(), projects: new Map(), keys: [] };

/** Everything of one key but the key. */
export interface Above {
  readonly msp: Msp;
  readonly tenant: Tenant;
  readonly project: Project;
}

export class DirectoryReads {
  readonly database: BetterSQLite3Database;
  declared: DeclaredDirectory = NOTHING_DECLARED;
  readonly #tenantById;
  readonly #projectById;
  readonly #keyByHash;
  readonly #keyById;

  constructor(database: Database) {
    this.database = drizzle(database);
    this.#tenantById = this.database
      .select()
      .from(tenant)
      .where(eq(tenant.id, sql.placeholder("id")))
      .prepare();
    this.#projectById = this.database
      .select()
      .from(project)
      .where(eq(project.id, sql.placeholder("id")))
      .prepare();
    this.#keyByHash = this.database
      .select()
      .from(apiKey)
      .where(eq(apiKey.hash, sql.placeholder("hash")))
      .prepare();
    this.#keyById = this.database
      .select()
      .from(apiKey)
      .where(eq(apiKey.id, sql.placeholder("id")))
      .prepare();
  }

  tenant(id: string): Tenant | undefined {
    const declared = this.declared.tenants.get(tenantId(id));
    if (declared !== undefined) return declared;
    const row = this.#tenantById.get({ id });
    return row === undefined ? undefined : tenantOf(row);
  }

  project(id: string): Project | undefined {
    const declared = this.declared.projects.get(projectId(id));
    if (declared !== undefined) return declared;
    const row = this.#projectById.get({ id });
    return row === undefined ? undefined : projectOf(row);
  }

  /** What stands above a project's keys; undefined when any level is missing, as when a reload took its MSP away. */
  above(id: string): Above | undefined {
    const project = this.project(id);
    const tenant = project === undefined ? undefined : this.tenant(project.tenant);
    const msp = tenant === undefined ? undefined : this.declared.msps.get(tenant.msp);
    return project === undefined || tenant === undefined || msp === undefined ? undefined : { msp, tenant, project };
  }

  /** From the database alone. */
  principalByHash(hash: string): Principal | undefined {
    const row = this.#keyByHash.get({ hash });
    const above = row === undefined ? undefined : this.above(row.project);
    return row === undefined || above === undefined ? undefined : { ...above, key: keyOf(row) };
  }

  /** From the database alone. */
  keyById(id: string): Key | undefined {
    const row = this.#keyById.get({ id });
    return row === undefined ? undefined : keyOf(row);
  }

  tenants(): TenantView[] {
    const rows = this.database.select().from(tenant).orderBy(asc(tenant.id)).all();
    const declared = [...this.declared.tenants.values()].map((each) => tenantView(each, "file", null));
    return [...declared, ...rows.map((row) => tenantView(tenantOf(row), "database", row.policy))];
  }

  /** What the law has to know of the database. */
  kept(): Kept {
    const rows = this.database.select().from(tenant).orderBy(asc(tenant.id)).all();
    const policies = rows.flatMap(({ id, policy }) => {
      const given = policyFromColumn(policy);
      return given === undefined ? [] : [policySource(id, given)];
    });
    return { tenants: new Map(rows.map((row) => [tenantId(row.id), tenantOf(row)])), policies };
  }

  tenantsMade(): number {
    return this.database.select({ made: count() }).from(tenant).get()?.made ?? 0;
  }

  /** Keys of a project that are not revoked. */
  keysInUse(of: string): number {
    const inUse = and(eq(apiKey.project, of), isNull(apiKey.revokedAtMs));
    return this.database.select({ keys: count() }).from(apiKey).where(inUse).get()?.keys ?? 0;
  }

  projects(of: string | undefined): ProjectView[] {
    const rows = this.database
      .select()
      .from(project)
      .where(of === undefined ? undefined : eq(project.tenant, of))
      .orderBy(asc(project.id))
      .all();
    const declared = [...this.declared.projects.values()].filter((each) => of === undefined || each.tenant === of);
    return [...declared.map((each) => projectView(each, "file")), ...rows.map((row) => projectView(projectOf(row), "database"))];
  }

  keys(of: string | undefined): { readonly key: Key; readonly home: Home }[] {
    const rows = this.database
      .select()
      .from(apiKey)
      .where(of === undefined ? undefined : eq(apiKey.project, of))
      .orderBy(asc(apiKey.createdAtMs), asc(apiKey.id))
      .all();
    const declared = this.declared.keys.filter((each) => of === undefined || each.project === of);
    return [
      ...declared.map((key) => ({ key, home: "file" as const })),
      ...rows.map((row) => ({ key: keyOf(row), home: "database" as const })),
    ];
  }
}
