/**
 * The one description of every table. Only text, whole numbers and yes/no (as a whole number) are used, and no default, trigger or generated
 * column, so that the same columns can be described for another dialect without changing a row.
 */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/**
 * One ended request, in the order of the journal: rows are only ever added at the end, so that a fold touches few pages however many tenants
 * there are. Times in Unix milliseconds.
 */
export const settlement = sqliteTable(
  "settlement",
  {
    /** Given by the database, ascending. Never shown to a tenant: it would tell the volume of others. */
    position: integer("position").primaryKey(),
    tenant: text("tenant").notNull(),
    /** 1, 2, 3 … per tenant, given when the journal is folded. */
    sequence: integer("sequence").notNull(),
    request: text("request").notNull(),
    msp: text("msp").notNull(),
    project: text("project").notNull(),
    key: text("key").notNull(),
    /** The operator's id: for the operator's pages alone. */
    model: text("model").notNull(),
    /** The name under which the MSP sells it. */
    alias: text("alias").notNull(),
    capability: text("capability").notNull(),
    promptTokens: integer("prompt_tokens").notNull(),
    cachedTokens: integer("cached_tokens").notNull(),
    completionTokens: integer("completion_tokens").notNull(),
    usageSource: text("usage_source").notNull(),
    /** Micro-units that were reserved; amount is what of it was charged. */
    held: integer("held").notNull(),
    /** What the hold took of the token windows. */
    tokensHeld: integer("tokens_held").notNull(),
    amount: integer("amount").notNull(),
    currency: text("currency").notNull(),
    priceVersion: text("price_version").notNull(),
    outcome: text("outcome").notNull(),
    status: integer("status").notNull(),
    backend: text("backend"),
    attempts: integer("attempts").notNull(),
    firstByteMs: integer("first_byte_ms"),
    durationMs: integer("duration_ms").notNull(),
    openedAtMs: integer("opened_at_ms").notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (t) => [
    uniqueIndex("settlement_tenant_sequence").on(t.tenant, t.sequence),
    uniqueIndex("settlement_request").on(t.request),
    index("settlement_tenant_at").on(t.tenant, t.atMs),
  ],
);

/** The last sequence number given to each tenant: outlives the rows, so that a number is never given twice. */
export const sequence = sqliteTable("sequence", {
  tenant: text("tenant").primaryKey(),
  last: integer("last").notNull(),
});

/** Money charged per calendar month (UTC, "2026-11") of the hold, by key, project, tenant and msp. Micro-units. */
export const spent = sqliteTable(
  "spent",
  {
    scope: text("scope", { enum: ["key", "project", "tenant", "msp"] }).notNull(),
    id: text("id").notNull(),
    month: text("month").notNull(),
    amount: integer("amount").notNull(),
  },
  (t) => [primaryKey({ columns: [t.scope, t.id, t.month] })],
);

/** Holds whose journal segment is gone while they were still open; hold and mark as the journal wrote them. */
export const openHold = sqliteTable("open_hold", {
  request: text("request").primaryKey(),
  hold: text("hold").notNull(),
  mark: text("mark"),
});

/** How far the journal has been folded: one row, changed in the same transaction as what was folded. */
export const cursor = sqliteTable("cursor", {
  id: integer("id").primaryKey(),
  segment: integer("segment").notNull(),
  /** Bytes. */
  offset: integer("offset").notNull(),
});

export const meta = sqliteTable("meta", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});

/**
 * Limits are JSON: an object with the members of Limits that are set; NULL: none at this level. So is a policy: an object with its rules and,
 * where given, uses; NULL: none, which denies everything.
 */
export const tenant = sqliteTable("tenant", {
  id: text("id").primaryKey(),
  msp: text("msp").notNull(),
  name: text("name").notNull(),
  defaultClass: text("default_class").notNull(),
  limits: text("limits"),
  policy: text("policy"),
  createdAtMs: integer("created_at_ms").notNull(),
});

export const project = sqliteTable(
  "project",
  {
    id: text("id").primaryKey(),
    tenant: text("tenant").notNull(),
    name: text("name").notNull(),
    limits: text("limits"),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (t) => [index("project_tenant").on(t.tenant)],
);

/** models and cidrs are JSON lists; NULL: any. */
export const apiKey = sqliteTable(
  "api_key",
  {
    id: text("id").primaryKey(),
    project: text("project").notNull(),
    name: text("name").notNull(),
    /** SHA-256 of the secret, base64url. */
    hash: text("hash").notNull(),
    hint: text("hint").notNull(),
    limits: text("limits"),
    models: text("models"),
    cidrs: text("cidrs"),
    explain: integer("explain", { mode: "boolean" }).notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms"),
    revokedAtMs: integer("revoked_at_ms"),
  },
  (t) => [uniqueIndex("api_key_hash").on(t.hash), index("api_key_project").on(t.project)],
);

export const TABLES = [meta, cursor, settlement, sequence, spent, openHold, tenant, project, apiKey] as const;
