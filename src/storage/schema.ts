/** Brings a database to the present tables: a new one is created from their description, an old one walks forward step by step. */
import type { Database } from "better-sqlite3";
import { getTableConfig } from "drizzle-orm/sqlite-core";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { TABLES } from "./tables.ts";

/** One step forward from the version before it. A step that was released is never changed; the description in tables.ts follows it. */
export interface Step {
  readonly version: number;
  readonly statements: readonly string[];
}

/** The version that tables.ts describes is that of the last step, or FIRST_VERSION. */
export const FIRST_VERSION = 1;
export const STEPS: readonly Step[] = [];

/** The statements that create one table and its indexes. Rows live in the primary key itself where that is not a single whole number. */
export function createStatements(table: SQLiteTable): string[] {
  const { name, columns, primaryKeys, indexes } = getTableConfig(table);
  const lines = columns.map((column) => {
    const key = column.primary ? " primary key" : "";
    return `${quote(column.name)} ${column.getSQLType()}${key}${column.notNull && !column.primary ? " not null" : ""}`;
  });
  for (const key of primaryKeys) lines.push(`primary key (${key.columns.map((column) => quote(column.name)).join(", ")})`);
  const rowless = columns.some((column) => column.primary && column.getSQLType() === "integer") ? "" : " without rowid";
  const create = `create table ${quote(name)} (${lines.join(", ")})${rowless}`;
  return [create, ...indexes.map(({ config }) => indexStatement(name, config))];
}

function indexStatement(
  table: string,
  config: { readonly name: string; readonly unique: boolean; readonly columns: readonly object[] },
): string {
  const names = config.columns.map((column) => {
    if (!("name" in column) || typeof column.name !== "string") throw new Error(`index ${config.name}: columns only`);
    return quote(column.name);
  });
  return `create ${config.unique ? "unique " : ""}index ${quote(config.name)} on ${quote(table)} (${names.join(", ")})`;
}

/** An insert with one positional parameter for each column in the order of the description, but none for a number that the database gives. */
export function insertStatement(table: SQLiteTable): string {
  const { name, columns } = getTableConfig(table);
  const given = columns.filter((column) => !(column.primary && column.getSQLType() === "integer"));
  return `insert into ${quote(name)} (${given.map((column) => quote(column.name)).join(", ")}) values (${given.map(() => "?").join(", ")})`;
}

/** Runs under the database's write lock: two processes that start together do it once. @throws Error for a database of a newer version */
export function migrate(database: Database, steps: readonly Step[] = STEPS): void {
  const latest = steps.at(-1)?.version ?? FIRST_VERSION;
  if (readVersion(database) === latest) return;
  database
    .transaction(() => {
      const version = readVersion(database);
      if (version !== undefined && version > latest) {
        throw new Error(`the database has version ${version}, this program knows ${latest}: use the newer program`);
      }
      if (version === undefined) for (const table of TABLES) for (const statement of createStatements(table)) database.exec(statement);
      else for (const step of steps) if (step.version > version) for (const statement of step.statements) database.exec(statement);
      database
        .prepare("insert into meta (name, value) values ('version', ?) on conflict (name) do update set value = excluded.value")
        .run(String(latest));
    })
    .immediate();
}

function readVersion(database: Database): number | undefined {
  const known = database.prepare("select 1 from sqlite_master where type = 'table' and name = 'meta'").pluck().get();
  if (known === undefined) return undefined;
  const value: unknown = database.prepare("select value from meta where name = 'version'").pluck().get();
  return value === undefined ? undefined : Number(value);
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
