/** What `wrangler deploy` would upload, and whether workerd can run here at all: for the tests and the benchmark. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "./parts.ts";

const BUILD_MS_MAX = 120_000;
const START_MS_MAX = 10_000;

/** Resolves what wrangler itself depends on. @throws Error when it is not installed */
export function wranglerRequire(): NodeJS.Require {
  return createRequire(createRequire(join(ROOT, "package.json")).resolve("wrangler"));
}

/** Why workerd cannot run here; undefined: it can. */
export function missingWorkerd(): string | undefined {
  try {
    const binary = binaryOf(wranglerRequire()("workerd"));
    if (binary === undefined || !existsSync(binary)) return "its binary is not installed";
    const ran = spawnSync(binary, ["--version"], { timeout: START_MS_MAX });
    return ran.status === 0 ? undefined : "its binary does not run on this machine";
  } catch (error) {
    return error instanceof Error ? error.message.split("\n")[0] : String(error);
  }
}

function binaryOf(workerd: unknown): string | undefined {
  const path = typeof workerd === "object" && workerd !== null && "default" in workerd ? workerd.default : undefined;
  return typeof path === "string" ? path : undefined;
}

export interface Bundle {
  /** Holds worker.js. */
  readonly folder: string;
  readonly text: string;
  readonly gzipBytes: number;
  remove(): void;
}

/** @throws Error with wrangler's words */
export function buildWorker(): Bundle {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-worker-"));
  const wrangler = join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");
  const args = [wrangler, "deploy", "--dry-run", "--config", "wrangler.toml", "--outdir", folder];
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" };
  const ran = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: "utf8", timeout: BUILD_MS_MAX });
  if (ran.status !== 0) throw new Error(`wrangler could not bundle the Worker: ${ran.stdout}${ran.stderr}`);
  const text = readFileSync(join(folder, "worker.js"), "utf8");
  return { folder, text, gzipBytes: gzipSync(text).length, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
