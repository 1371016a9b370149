/** Every object has one home: an id that a file declares and the database holds would have two owners, so nothing loads. */
import { inArray } from "drizzle-orm";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import type { Declared } from "../domain/estate.ts";
import { projectId, tenantId } from "../domain/ids.ts";
import type { DirectoryAdmin } from "../ports.ts";
import { invalid } from "./directory-input.ts";
import { apiKey, project, tenant } from "./tables.ts";

export type DeclaredDirectory = Pick<Declared, "msps" | "tenants" | "projects" | "keys">;

export type Kind = Parameters<DirectoryAdmin["setLimits"]>[0];

/** What a file declares is changed there, and not over the API. @throws Fault invalid_value */
export function requireOwn({ tenants, projects, keys }: DeclaredDirectory, of: Kind, id: string): void {
  const declared = {
    tenant: () => tenants.has(tenantId(id)),
    project: () => projects.has(projectId(id)),
    key: () => keys.some((key) => key.id === id),
  };
  if (declared[of]()) throw invalid("id", `This ${of} is declared in the configuration and is changed there.`);
}

/** @throws Error naming every id that is in both homes */
export function requireOneHome(database: BetterSQLite3Database, declared: DeclaredDirectory): void {
  const twice = findTwoHomes(database, declared);
  if (twice.length > 0) throw new Error(twice.join("\n"));
}

/** SQLite takes more parameters than this in one statement. */
const IDS_PER_QUERY_MAX = 500;

/** One line for each tenant, project, key and key secret that is in both places; empty: all is well. */
export function findTwoHomes(database: BetterSQLite3Database, declared: DeclaredDirectory): readonly string[] {
  const tenants = inPieces([...declared.tenants.keys()], (ids) =>
    database.select({ id: tenant.id }).from(tenant).where(inArray(tenant.id, ids)).all(),
  );
  const projects = inPieces([...declared.projects.keys()], (ids) =>
    database.select({ id: project.id }).from(project).where(inArray(project.id, ids)).all(),
  );
  const keys = inPieces(
    declared.keys.map((key) => key.id),
    (ids) => database.select({ id: apiKey.id }).from(apiKey).where(inArray(apiKey.id, ids)).all(),
  );
  const hashes = inPieces(
    declared.keys.map((key) => key.hash),
    (found) => database.select({ id: apiKey.id }).from(apiKey).where(inArray(apiKey.hash, found)).all(),
  );
  const both = "is declared in a file and was also made over the API: remove one of them";
  return [
    ...tenants.map(({ id }) => `tenant "${id}" ${both}`),
    ...projects.map(({ id }) => `project "${id}" ${both}`),
    ...keys.map(({ id }) => `key "${id}" ${both}`),
    ...hashes
      .filter(({ id }) => !keys.some((key) => key.id === id))
      .map(({ id }) => `the secret of key "${id}" is that of a key declared in a file: remove one of them`),
  ];
}

function inPieces<T>(ids: readonly string[], find: (ids: string[]) => readonly T[]): T[] {
  const found: T[] = [];
  for (let at = 0; at < ids.length; at += IDS_PER_QUERY_MAX) found.push(...find(ids.slice(at, at + IDS_PER_QUERY_MAX)));
  return found;
}
