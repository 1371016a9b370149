/** The directory of one data folder: who a key is, and what the admin API and the command line may change of it. */
import { createHash } from "node:crypto";
import type { Database } from "better-sqlite3";
import { and, eq, isNull } from "drizzle-orm";
import { LRUCache } from "lru-cache";
import { BOUNDS } from "../bounds.ts";
import { mspId, projectId, tenantId } from "../domain/ids.ts";
import type { ProjectId, TenantId } from "../domain/ids.ts";
import type { Key, Limits, Principal } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import type {
  Clock,
  Directory,
  DirectoryAdmin,
  Kept,
  KeyView,
  Lawmaker,
  NewKey,
  ProjectView,
  Random,
  TenantPolicy,
  TenantView,
} from "../ports.ts";
import { requireOneHome, requireOwn } from "./directory-homes.ts";
import type { DeclaredDirectory, Kind } from "./directory-homes.ts";
import { invalid, limitsToColumn, listToColumn, requireClass, requireId, requireKey, requireName } from "./directory-input.ts";
import { judgePolicy, policyToColumn } from "./directory-policy.ts";
import { DirectoryReads } from "./directory-reads.ts";
import { keyView, tenantOf } from "./directory-rows.ts";
import type { Home } from "./directory-rows.ts";
import { apiKey, project, tenant } from "./tables.ts";

const SECRET_PREFIX = "sk-";
const HINT_CHARS = 4;

export interface DirectoryParts {
  readonly database: Database;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly random: Pick<Random, "id" | "secret">;
  readonly law: Lawmaker;
}

export class SqliteDirectory implements Directory, DirectoryAdmin {
  readonly #reads: DirectoryReads;
  readonly #clock: DirectoryParts["clock"];
  readonly #random: DirectoryParts["random"];
  readonly #law: Lawmaker;
  /** Database keys only. The age bound is what makes another process's revocation count here. */
  readonly #cache: LRUCache<string, Principal>;
  #declaredByHash: ReadonlyMap<string, Principal> = new Map();

  constructor({ database, clock, random, law }: DirectoryParts) {
    this.#reads = new DirectoryReads(database);
    this.#clock = clock;
    this.#random = random;
    this.#law = law;
    this.#cache = new LRUCache({
      max: BOUNDS.keyCacheEntriesMax,
      ttl: BOUNDS.keyCacheMsMax,
      ttlResolution: 0,
      // A clock that starts at 0 would read to the cache as "no time".
      perf: { now: () => clock.monotonicMs() + 1 },
    });
  }

  /** What the law has to know of the database beside these declarations. @throws Error naming every id that is in both homes */
  kept(declared: DeclaredDirectory): Kept {
    requireOneHome(this.#reads.database, declared);
    return this.#reads.kept();
  }

  /** Swaps in what the files declare. @throws Error naming every id that is in both homes; then nothing has changed */
  reload(declared: DeclaredDirectory): void {
    requireOneHome(this.#reads.database, declared);
    this.#reads.declared = declared;
    this.#cache.clear();
    const byHash = new Map<string, Principal>();
    for (const key of declared.keys) {
      const above = this.#reads.above(key.project);
      if (above !== undefined) byHash.set(key.hash, { ...above, key });
    }
    this.#declaredByHash = byHash;
  }

  byKeyHash(hash: string): Principal | undefined {
    const known = this.#declaredByHash.get(hash) ?? this.#cache.get(hash);
    if (known !== undefined) return known;
    // Unknown secrets are not cached: whoever guesses must not push out those who have a key.
    const principal = this.#reads.principalByHash(hash);
    if (principal !== undefined) this.#cache.set(hash, principal);
    return principal;
  }

  createTenant(input: Parameters<DirectoryAdmin["createTenant"]>[0]): TenantId {
    requireId(input.id);
    requireName(input.name);
    requireClass(input.defaultClass, this.#law);
    if (!this.#reads.declared.msps.has(mspId(input.msp))) throw missing("msp");
    const limits = limitsToColumn(input.limits);
    if (this.#reads.tenant(input.id) !== undefined) throw taken();
    if (this.#reads.tenantsMade() >= BOUNDS.tenantsInDirectoryMax)
      throw invalid("id", `At most ${BOUNDS.tenantsInDirectoryMax} tenants can be made here.`);
    const { id, msp, name, defaultClass, policy } = input;
    const row = {
      id,
      msp,
      name,
      defaultClass,
      limits,
      policy: policy === undefined ? null : policyToColumn(policy),
      createdAtMs: this.#clock.nowMs(),
    };
    // Without a policy nothing of the law changes: what has none is denied, made known or not.
    const enact = policy === undefined ? undefined : judgePolicy(this.#reads.kept(), this.#law, { tenant: tenantOf(row), policy });
    if (this.#reads.database.insert(tenant).values(row).onConflictDoNothing().run().changes === 0) throw taken();
    enact?.();
    return tenantId(id);
  }

  setTenantPolicy(id: string, policy: TenantPolicy): void {
    requireOwn(this.#reads.declared, "tenant", id);
    const known = this.#reads.tenant(id);
    if (known === undefined) throw missing("id");
    const column = policyToColumn(policy);
    const enact = judgePolicy(this.#reads.kept(), this.#law, { tenant: known, policy });
    this.#reads.database.update(tenant).set({ policy: column }).where(eq(tenant.id, id)).run();
    enact();
  }

  createProject(input: Parameters<DirectoryAdmin["createProject"]>[0]): ProjectId {
    requireId(input.id);
    requireName(input.name);
    if (this.#reads.tenant(input.tenant) === undefined) throw missing("tenant");
    const limits = limitsToColumn(input.limits);
    if (this.#reads.project(input.id) !== undefined) throw taken();
    const row = { id: input.id, tenant: input.tenant, name: input.name, limits, createdAtMs: this.#clock.nowMs() };
    if (this.#reads.database.insert(project).values(row).onConflictDoNothing().run().changes === 0) throw taken();
    return projectId(input.id);
  }

  createKey(input: NewKey): { readonly key: KeyView; readonly secret: string } {
    const above = this.#reads.above(input.project);
    if (above === undefined) throw missing("project");
    const nowMs = this.#clock.nowMs();
    requireKey(input, above.msp, nowMs);
    if (this.#reads.keysInUse(input.project) >= BOUNDS.keysPerProjectMax)
      throw invalid("project", `A project has at most ${BOUNDS.keysPerProjectMax} keys. Revoke one first.`);
    const secret = `${SECRET_PREFIX}${this.#random.secret()}`;
    const row = {
      id: this.#random.id("key"),
      project: input.project,
      name: input.name,
      hash: createHash("sha256").update(secret).digest("base64url"),
      hint: secret.slice(-HINT_CHARS),
      limits: limitsToColumn(input.limits),
      models: listToColumn(input.models),
      cidrs: listToColumn(input.cidrs),
      explain: input.explain,
      createdAtMs: nowMs,
      expiresAtMs: input.expiresAtMs ?? null,
    };
    this.#reads.database.insert(apiKey).values(row).run();
    return { key: this.#keyView(row.id), secret };
  }

  /** Takes effect here at once, elsewhere within keyCacheMsMax. The first revocation's time stands. */
  revokeKey(id: string): KeyView {
    requireOwn(this.#reads.declared, "key", id);
    this.#reads.database
      .update(apiKey)
      .set({ revokedAtMs: this.#clock.nowMs() })
      .where(and(eq(apiKey.id, id), isNull(apiKey.revokedAtMs)))
      .run();
    const key = this.#reads.keyById(id);
    if (key === undefined) throw missing("id");
    this.#cache.delete(key.hash);
    return this.#keyView(id);
  }

  setLimits(of: Kind, id: string, limits: Limits): void {
    requireOwn(this.#reads.declared, of, id);
    const set = { limits: limitsToColumn(limits) };
    const { database } = this.#reads;
    const changes = {
      tenant: () => database.update(tenant).set(set).where(eq(tenant.id, id)).run().changes,
      project: () => database.update(project).set(set).where(eq(project.id, id)).run().changes,
      key: () => database.update(apiKey).set(set).where(eq(apiKey.id, id)).run().changes,
    }[of]();
    if (changes === 0) throw missing("id");
    this.#cache.clear();
  }

  listTenants(): readonly TenantView[] {
    return this.#reads.tenants();
  }

  listProjects(of: string | undefined): readonly ProjectView[] {
    return this.#reads.projects(of);
  }

  /** Keys whose project or tenant is gone from the files are left out: nobody owns them. */
  listKeys(of: string | undefined): readonly KeyView[] {
    return this.#reads.keys(of).flatMap(({ key, home }) => this.#viewOf(key, home) ?? []);
  }

  #keyView(id: string): KeyView {
    const key = this.#reads.keyById(id);
    const view = key === undefined ? undefined : this.#viewOf(key, "database");
    if (view === undefined) throw missing("id");
    return view;
  }

  #viewOf(key: Key, home: Home): KeyView | undefined {
    const owner = this.#reads.project(key.project);
    const above = owner === undefined ? undefined : this.#reads.tenant(owner.tenant);
    return above === undefined ? undefined : keyView(key, { tenant: above, home });
  }
}

function missing(param: string): Fault {
  return new Fault("not_found", { param });
}

function taken(): Fault {
  return invalid("id", "This id is taken.");
}
