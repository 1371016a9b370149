/** `node scripts/worker-key.ts create|revoke …`: statements for D1 that make or revoke a key. The secret goes to the terminal, never into D1. */
import { createHash, randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";

const USAGE = `usage: node scripts/worker-key.ts create --project ID --name NAME [--expires 2027-01-01T00:00:00Z] > key.sql
       node scripts/worker-key.ts revoke --id KEY_ID > key.sql`;

export interface Said {
  readonly sql: string;
  /** For the one who asked, and nobody else. */
  readonly aside: string;
}

export interface Chances {
  readonly nowMs: number;
  readonly id: string;
  readonly secret: string;
}

/** @throws Error saying how it is used */
export function keyStatements(args: readonly string[], { nowMs, id, secret }: Chances): Said {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { project: { type: "string" }, name: { type: "string" }, expires: { type: "string" }, id: { type: "string" } },
  });
  const { project, name, expires } = values;
  if (positionals[0] === "revoke" && values.id !== undefined) {
    return {
      sql: `update api_key set revoked_at_ms = ${String(nowMs)} where id = ${quoted(values.id)} and revoked_at_ms is null;\n`,
      aside: "",
    };
  }
  if (positionals[0] !== "create" || project === undefined || name === undefined) throw new Error(USAGE);
  const expiresAtMs = expires === undefined ? "null" : String(instant(expires, nowMs));
  const hash = createHash("sha256").update(secret).digest("base64url");
  const cells = [quoted(id), quoted(project), quoted(name), quoted(hash), quoted(secret.slice(-4)), "0", String(nowMs), expiresAtMs];
  return {
    sql: `insert into api_key (id, project, name, hash, hint, explain, created_at_ms, expires_at_ms) values (${cells.join(", ")});\n`,
    aside: `${id} ${secret}\n`,
  };
}

/** @throws Error for what is no instant in the future */
function instant(text: string, nowMs: number): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs) || atMs <= nowMs) throw new Error(`--expires takes an instant in the future, not ${text}`);
  return atMs;
}

function quoted(text: string): string {
  if (/[\n\r\0]/.test(text)) throw new Error("a name is one line");
  return `'${text.replaceAll("'", "''")}'`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    const chances = {
      nowMs: Date.now(),
      id: `key_${randomBytes(16).toString("hex")}`,
      secret: `sk-${randomBytes(32).toString("base64url")}`,
    };
    const { sql, aside } = keyStatements(process.argv.slice(2), chances);
    process.stdout.write(sql);
    process.stderr.write(aside);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
