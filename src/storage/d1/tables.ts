/** The tables of D1: those of the one description that are shared there, and where the configuration lies. */
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { apiKey, meta, settlement } from "../tables.ts";

/** A published configuration in pieces, since no single statement may be long. Its version is the SHA-256 of all pieces together. */
export const configurationPart = sqliteTable(
  "configuration_part",
  {
    version: text("version").notNull(),
    /** 0, 1, 2 … */
    part: integer("part").notNull(),
    text: text("text").notNull(),
  },
  (t) => [primaryKey({ columns: [t.version, t.part] })],
);

/** Names in `meta`. */
export const CONFIGURATION_IN_FORCE = "configuration";
export const CACHE_SALT = "cache_salt";

export const D1_TABLES = [meta, settlement, apiKey, configurationPart] as const;
