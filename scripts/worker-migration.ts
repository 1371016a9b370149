/** Prints the statements that create D1's tables, from their one description: how migrations/0001_tables.sql was made. */
import { pathToFileURL } from "node:url";
import { D1_TABLES } from "../src/storage/d1/tables.ts";
import { createStatements } from "../src/storage/schema.ts";

export function firstMigration(): string {
  const statements = D1_TABLES.flatMap((table) => createStatements(table)).map((statement) => `${statement};\n`);
  return `-- Made from the description of the tables in src/storage by scripts/worker-migration.ts; a migration that was released is never changed.\n${statements.join("")}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.stdout.write(firstMigration());
