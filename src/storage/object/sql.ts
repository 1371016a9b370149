/** The SQLite inside a Durable Object, as far as it is used here. Every statement of one turn is written together or not at all. */

export type SqlValue = string | number | null;

export interface ObjectSql {
  exec(statement: string, ...values: SqlValue[]): { toArray(): Readonly<Record<string, unknown>>[] };
}

/**
 * hold: admitted and not ended. ended: hold and end of a request, in the order of their ends; kept until it has been handed over and its
 * minute is past. cursor: up to which position they have been handed over. All records are lines of the journal.
 */
export const OBJECT_TABLES = [
  "create table if not exists hold (request text primary key, hold text not null, mark text) without rowid",
  'create table if not exists ended (position integer primary key autoincrement, opened_at_ms integer not null, hold text not null, "end" text not null)',
  "create table if not exists sequence (tenant text primary key, last integer not null) without rowid",
  "create table if not exists spent (scope text not null, id text not null, month text not null, amount integer not null, primary key (scope, id, month)) without rowid",
  "create table if not exists cursor (id integer primary key, position integer not null)",
] as const;
