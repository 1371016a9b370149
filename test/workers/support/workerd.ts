/** The gateway in workerd, as wrangler.toml describes it, over a D1 and objects that live as long as the test. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestHarness, type TestHarness } from "wrangler";
import type { Bindings } from "../../../src/entry/worker/bindings.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const BUILD_MS_MAX = 120_000;

/** Why workerd cannot run here; undefined: it can. */
export function missingWorkerd(): string | undefined {
  const require = createRequire(join(ROOT, "package.json"));
  try {
    const wrangler = createRequire(require.resolve("wrangler"));
    const binary: unknown = wrangler("workerd").default;
    if (typeof binary !== "string" || !existsSync(binary)) return "its binary is not installed";
    const ran = spawnSync(binary, ["--version"], { timeout: 10_000 });
    return ran.status === 0 ? undefined : "its binary does not run on this machine";
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  }
}

export interface Bundle {
  readonly folder: string;
  readonly output: string;
  remove(): void;
}

/** What `wrangler deploy` would upload. @throws Error with wrangler's words */
export function buildWorker(): Bundle {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-worker-"));
  const wrangler = join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");
  const args = [wrangler, "deploy", "--dry-run", "--config", "wrangler.toml", "--outdir", folder];
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" };
  const ran = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: "utf8", timeout: BUILD_MS_MAX });
  if (ran.status !== 0) throw new Error(`wrangler could not bundle the Worker: ${ran.stdout}${ran.stderr}`);
  return { folder, output: ran.stdout, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Workerd {
  readonly harness: TestHarness;
  readonly port: number;
  readonly bindings: Bindings;
  /** Runs statements on D1, one a line. */
  execute(sql: string): Promise<void>;
  stop(): Promise<void>;
}

/** Its tables are there, and nothing is published yet. */
export async function startWorkerd(bundle: Bundle, secrets: Readonly<Record<string, string>> = {}): Promise<Workerd> {
  const harness = createTestHarness({
    root: ROOT,
    workers: [{ configPath: join(ROOT, "wrangler.toml"), prebuiltWorkerDir: bundle.folder, secrets }],
  });
  const { url } = await harness.listen();
  const handle = harness.getWorker<Record<string, unknown>>();
  await handle.applyD1Migrations("LEDGER");
  const bindings: unknown = await handle.getEnv();
  if (!isBound(bindings)) throw new TypeError("the Worker has not the bindings of wrangler.toml");
  return {
    harness,
    port: Number(url.port),
    bindings,
    execute: async (sql) => {
      for (const statement of sql.split(/;\n/)) if (statement.trim() !== "") await bindings.LEDGER.prepare(statement).run();
    },
    stop: () => harness.close(),
  };
}

function isBound(value: unknown): value is Bindings {
  return typeof value === "object" && value !== null && "LEDGER" in value && "GATE" in value;
}
