/** `node scripts/worker-configuration.ts bailiwick.yaml > configuration.sql`: a configuration, judged as a Worker will judge it, as statements for D1. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { loadConfig } from "../src/config/load.ts";
import { estateOf } from "../src/entry/worker/estate.ts";
import { partsOf, type Stored } from "../src/storage/d1/configuration.ts";
import { CONFIGURATION_IN_FORCE } from "../src/storage/d1/tables.ts";

export interface Publication {
  readonly sql: string;
  /** Names that the Worker's environment must have: `wrangler secret put NAME`. */
  readonly secrets: readonly string[];
}

export interface Reading {
  readonly file: string;
  /** @throws when a file cannot be read */
  readonly readFile: (path: string) => string;
  readonly nowMs: number;
}

/** Stands for every secret while the configuration is judged here: the real ones are the Worker's alone. */
const SECRET_STANDS = "a-secret-of-the-worker";

/** @throws Error naming every problem, a line each */
export function publication({ file, readFile, nowMs }: Reading): Publication {
  const files: Record<string, string> = {};
  const secrets = new Set<string>();
  const text = readFile(file);
  // Only to see what it asks for; what is wrong with it is said below.
  loadConfig(text, { file, readFile: (path) => (files[path] = readFile(path)), env: asking(secrets) });
  const stored: Stored = { epoch: Math.floor(nowMs / 1_000), file, text, files };
  const built = estateOf(stored, asking(secrets), nowMs);
  if (!built.ok) throw new Error(built.problems.join("\n"));
  return { sql: statementsOf(stored), secrets: [...secrets].sort() };
}

/** An environment that has everything, and remembers what was asked for. */
function asking(secrets: Set<string>): Record<string, string> {
  const has = (name: string | symbol): boolean => typeof name === "string" && secrets.add(name).has(name);
  return new Proxy(
    {},
    {
      get: (_, name) => (has(name) ? SECRET_STANDS : undefined),
      getOwnPropertyDescriptor: (_, name) => (has(name) ? { value: SECRET_STANDS, configurable: true, enumerable: true } : undefined),
    },
  );
}

/** Pieces first, then the one row that puts them in force; a Worker that is reading the one before finds it no longer whole, and asks again. */
function statementsOf(stored: Stored): string {
  const { version, parts } = partsOf(stored, (text) => createHash("sha256").update(text).digest("base64url"));
  const lines = [
    ...parts.map(
      (part, index) =>
        `insert or ignore into configuration_part (version, part, text) values ('${version}', ${String(index)}, ${quoted(part)});`,
    ),
    `insert into meta (name, value) values ('${CONFIGURATION_IN_FORCE}', '${version}') on conflict (name) do update set value = excluded.value;`,
    `delete from configuration_part where version <> '${version}';`,
  ];
  return `${lines.join("\n")}\n`;
}

/** JSON has no line breaks, so each statement is one line. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function main(file: string | undefined): void {
  if (file === undefined) throw new Error("usage: node scripts/worker-configuration.ts bailiwick.yaml > configuration.sql");
  const { sql, secrets } = publication({ file, readFile: (path) => readFileSync(path, "utf8"), nowMs: Date.now() });
  process.stdout.write(sql);
  for (const name of secrets) process.stderr.write(`the Worker needs the secret ${name}: wrangler secret put ${name}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    main(process.argv[2]);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
