-- Made from the description of the tables in src/storage by scripts/worker-migration.ts; a migration that was released is never changed.
create table "meta" ("name" text primary key, "value" text not null) without rowid;
create table "settlement" ("position" integer primary key, "tenant" text not null, "sequence" integer not null, "request" text not null, "msp" text not null, "project" text not null, "key" text not null, "model" text not null, "alias" text not null, "capability" text not null, "prompt_tokens" integer not null, "cached_tokens" integer not null, "completion_tokens" integer not null, "usage_source" text not null, "held" integer not null, "tokens_held" integer not null, "amount" integer not null, "currency" text not null, "price_version" text not null, "outcome" text not null, "status" integer not null, "backend" text, "attempts" integer not null, "first_byte_ms" integer, "duration_ms" integer not null, "opened_at_ms" integer not null, "at_ms" integer not null);
create unique index "settlement_tenant_sequence" on "settlement" ("tenant", "sequence");
create unique index "settlement_request" on "settlement" ("request");
create index "settlement_tenant_at" on "settlement" ("tenant", "at_ms");
create table "api_key" ("id" text primary key, "project" text not null, "name" text not null, "hash" text not null, "hint" text not null, "limits" text, "models" text, "cidrs" text, "explain" integer not null, "created_at_ms" integer not null, "expires_at_ms" integer, "revoked_at_ms" integer) without rowid;
create unique index "api_key_hash" on "api_key" ("hash");
create index "api_key_project" on "api_key" ("project");
create table "configuration_part" ("version" text not null, "part" integer not null, "text" text not null, primary key ("version", "part")) without rowid;
