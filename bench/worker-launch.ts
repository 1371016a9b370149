/**
 * The Worker in a workerd of its own, for the benchmark: no development proxy in front, so that what is metered is the Worker, its object
 * and its D1. `node bench/worker-launch.ts WORKER.js STATEMENTS.sql PORT FOLDER` runs until it is told to stop.
 */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { wranglerRequire } from "../scripts/worker-bundle.ts";
import { ROOT } from "./tools.ts";

const [script = "", statements = "", port = "0", folder = ""] = process.argv.slice(2);
const { Miniflare, convertV4MiniflareOptions } = wranglerRequire()("miniflare");

const server = new Miniflare(
  convertV4MiniflareOptions({
    name: "bailiwick",
    modules: [{ type: "ESModule", path: script, contents: readFileSync(script, "utf8") }],
    modulesRoot: dirname(script),
    compatibilityDate: "2026-08-01",
    compatibilityFlags: ["nodejs_compat", "enable_request_signal"],
    d1Databases: { LEDGER: "ledger" },
    durableObjects: { GATE: { className: "MspGate", useSQLite: true } },
    d1Persist: join(folder, "d1"),
    durableObjectsPersist: join(folder, "objects"),
    host: "127.0.0.1",
    port: 0,
    cf: false,
    stripCfConnectingIp: false,
    unsafeDirectSockets: [{ host: "127.0.0.1", port: Number(port) }],
  }),
);
await server.ready;
const database = await server.getD1Database("LEDGER");
const migrations = readdirSync(join(ROOT, "migrations")).sort();
for (const file of [...migrations.map((name) => join(ROOT, "migrations", name)), statements]) {
  for (const statement of readFileSync(file, "utf8")
    .replace(/^--.*\n/gm, "")
    .split(";\n"))
    if (statement.trim() !== "") await database.prepare(statement).run();
}
process.once("SIGTERM", () => void server.dispose().then(() => process.exit(0)));
