import SQLite from "better-sqlite3";
import { expect, it } from "vitest";
import { getTableConfig } from "drizzle-orm/sqlite-core";
import { firstMigration } from "../../../../scripts/worker-migration.ts";
import { D1_TABLES } from "../../../../src/storage/d1/tables.ts";
import { migrations } from "../fixtures/sqlites.ts";

const schemaOf = (texts: readonly string[]): unknown[] => {
  const database = new SQLite(":memory:");
  for (const text of texts) database.exec(text);
  return database.prepare("select type, name, sql from sqlite_master order by type, name").raw().all();
};

it("D1's migrations make the tables that the sources describe", () => {
  expect(schemaOf(migrations())).toEqual(schemaOf([firstMigration()]));
  expect(migrations().join()).toEqual(expect.stringContaining(D1_TABLES.map((table) => getTableConfig(table).name)[0] ?? "none"));
});
