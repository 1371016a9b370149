/**
 * Who a key is, on Workers: keys of the configuration from memory, all others from D1. The port answers at once, and D1 does not: so a key
 * is fetched before its request begins, and looked up while it runs.
 */
import { eq, sql } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import { LRUCache } from "lru-cache";
import { BOUNDS } from "../../bounds.ts";
import type { Declared } from "../../domain/estate.ts";
import { projectId } from "../../domain/ids.ts";
import type { Principal } from "../../domain/tenancy.ts";
import type { Clock, Directory } from "../../ports.ts";
import { keyOf, type KeyRow } from "../directory-rows.ts";
import { apiKey } from "../tables.ts";
import type { D1 } from "./database.ts";

type DeclaredDirectory = Pick<Declared, "msps" | "tenants" | "projects" | "keys">;

interface Kept {
  readonly principal: Principal;
  /** Monotonic: when D1 was asked. */
  readonly atMs: number;
}

/** Ids and hashes of the declared keys, each list as one JSON parameter. */
const IN_BOTH_HOMES =
  "select id from api_key where id in (select value from json_each(?)) or hash in (select value from json_each(?)) order by id limit 100";

export class D1Directory implements Directory {
  readonly #database: D1;
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #byHashStatement: string;
  #declared: DeclaredDirectory = { msps: new Map(), tenants: new Map(), projects: new Map(), keys: [] };
  #declaredByHash: ReadonlyMap<string, Principal> = new Map();
  readonly #kept = new LRUCache<string, Kept>({ max: BOUNDS.isolateKeysMax });

  constructor(database: D1, clock: Pick<Clock, "monotonicMs">) {
    this.#database = database;
    this.#clock = clock;
    const byHash = eq(apiKey.hash, sql.placeholder("hash"));
    this.#byHashStatement = new QueryBuilder().select().from(apiKey).where(byHash).toSQL().sql;
  }

  /** Swaps in what the configuration declares. */
  reload(declared: DeclaredDirectory): void {
    this.#declared = declared;
    this.#kept.clear();
    const byHash = new Map<string, Principal>();
    for (const key of declared.keys) {
      const above = this.#above(key.project);
      if (above !== undefined) byHash.set(key.hash, { ...above, key });
    }
    this.#declaredByHash = byHash;
  }

  /** Every object has one home. Names the keys that are in the configuration and in D1, a line each. */
  async inBothHomes({ keys }: Pick<DeclaredDirectory, "keys">): Promise<readonly string[]> {
    const [ids, hashes] = [keys.map(({ id }) => id), keys.map(({ hash }) => hash)];
    const rows = await this.#database.prepare(IN_BOTH_HOMES).bind(JSON.stringify(ids), JSON.stringify(hashes)).raw();
    return rows.map(([id]) => `key "${String(id)}" is declared in the configuration and lies in D1 as well: remove one of them`);
  }

  /** Fetches a key unless it is known and fresh enough: nothing older than keyCacheMsMax is ever looked up. @throws what D1 throws */
  async fetch(hash: string): Promise<void> {
    if (this.#declaredByHash.has(hash)) return;
    const askedMs = this.#clock.monotonicMs();
    const known = this.#kept.get(hash);
    if (known !== undefined && askedMs - known.atMs < BOUNDS.keyCacheMsMax) return;
    const [row] = await this.#database.prepare(this.#byHashStatement).bind(hash).raw();
    const principal = row === undefined ? undefined : this.#principalOf(row);
    // Unknown secrets are not kept: whoever guesses must not push out those who have a key.
    if (principal === undefined) this.#kept.delete(hash);
    else this.#kept.set(hash, { principal, atMs: askedMs });
  }

  byKeyHash(hash: string): Principal | undefined {
    return this.#declaredByHash.get(hash) ?? this.#kept.get(hash)?.principal;
  }

  #principalOf(row: readonly unknown[]): Principal | undefined {
    const key = keyOf(keyRow(row));
    const above = this.#above(key.project);
    return above === undefined ? undefined : { ...above, key };
  }

  #above(id: string): Omit<Principal, "key"> | undefined {
    const project = this.#declared.projects.get(projectId(id));
    const tenant = project === undefined ? undefined : this.#declared.tenants.get(project.tenant);
    const msp = tenant === undefined ? undefined : this.#declared.msps.get(tenant.msp);
    return project === undefined || tenant === undefined || msp === undefined ? undefined : { msp, tenant, project };
  }
}

/** The order of the columns in tables.ts. */
function keyRow(row: readonly unknown[]): KeyRow {
  const [id, project, name, hash, hint, limits, models, cidrs, explain, createdAtMs, expiresAtMs, revokedAtMs] = row;
  return {
    id: String(id),
    project: String(project),
    name: String(name),
    hash: String(hash),
    hint: String(hint),
    limits: textOrNull(limits),
    models: textOrNull(models),
    cidrs: textOrNull(cidrs),
    explain: explain === 1 || explain === true,
    createdAtMs: Number(createdAtMs),
    expiresAtMs: numberOrNull(expiresAtMs),
    revokedAtMs: numberOrNull(revokedAtMs),
  };
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

function numberOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
