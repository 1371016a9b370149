import SQLite from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { FIRST_VERSION, insertStatement, migrate } from "../../../src/storage/schema.ts";
import { settlement } from "../../../src/storage/tables.ts";

const objects = (database: SQLite.Database): unknown[] =>
  database.prepare("select name from sqlite_master where name not like 'sqlite_%' order by name").pluck().all();

describe("the schema", () => {
  it("is created once, from the description of the tables", () => {
    const database = new SQLite(":memory:");
    migrate(database);
    const before = objects(database);
    expect(before).toEqual([
      "api_key", "api_key_hash", "api_key_project", "cursor", "meta", "open_hold", "project", "project_tenant",
      "sequence", "settlement", "settlement_request", "settlement_tenant_at",
      "settlement_tenant_sequence", "spent", "tenant",
    ]); // prettier-ignore
    migrate(database);
    expect(objects(database)).toEqual(before);
    expect(database.prepare(`explain ${insertStatement(settlement)}`).columns().length).toBeGreaterThan(0);
  });

  it("keeps the key and the constraints of a table", () => {
    const database = new SQLite(":memory:");
    migrate(database);
    const spend = database.prepare("insert into spent (scope, id, month, amount) values ('key', 'k', '2026-11', ?)");
    spend.run(1);
    expect(() => spend.run(2)).toThrow("UNIQUE");
    expect(() => database.prepare("insert into project (id, name, created_at_ms) values ('p', 'P', 1)").run()).toThrow("NOT NULL");
  });

  it("walks an old database forward, one step after the other, all or nothing", () => {
    const database = new SQLite(":memory:");
    migrate(database);
    const add = { version: FIRST_VERSION + 1, statements: ["alter table tenant add column note text"] };
    const fill = { version: FIRST_VERSION + 2, statements: ["update tenant set note = 'x'"] };
    expect(() => {
      migrate(database, [add, { ...fill, statements: ["nonsense"] }]);
    }).toThrow();
    expect(() => database.prepare("select note from tenant").all()).toThrow("no such column");
    migrate(database, [add, fill]);
    expect(database.prepare("select note from tenant").all()).toEqual([]);
    expect(database.prepare("select value from meta where name = 'version'").pluck().get()).toBe(String(FIRST_VERSION + 2));
  });

  it("refuses a database of a newer program", () => {
    const database = new SQLite(":memory:");
    migrate(database);
    database.prepare("update meta set value = '99' where name = 'version'").run();
    expect(() => {
      migrate(database);
    }).toThrow("version 99");
  });
});
