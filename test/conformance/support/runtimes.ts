/** What the clients need beside npm's packages of the gateway: brought on demand for npm, found or brought by a script for Python. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Runtime } from "./clients.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
export const CLIENTS_FOLDER = join(import.meta.dirname, "..", "clients");
const CACHE = join(ROOT, "node_modules", ".cache");
/** Where tiktoken finds its vocabularies without a network. */
export const TIKTOKEN_FOLDER = join(CACHE, "tiktoken");
const INSTALL_MS_MAX = 300_000;
const LOCK_EVERY_MS = 250;

interface Means {
  readonly program: string;
  readonly script: string;
  /** Whether a plain `npm test` may bring it: npm's packages are small, Python's are some hundred megabytes. */
  readonly onDemand: boolean;
}

const MEANS: Readonly<Record<Runtime, Means>> = {
  npm: { program: process.execPath, script: "conformance-npm.sh", onDemand: true },
  python: { program: join(CACHE, "python", "bin", "python"), script: "conformance-python.sh", onDemand: false },
  "python-previous": { program: join(CACHE, "python-previous", "bin", "python"), script: "conformance-python.sh", onDemand: false },
};

export type Readiness = { readonly program: string } | { readonly missing: string };

/** The program that runs such scripts, with all that they import; or why there is none. Takes minutes at most. */
export async function ready(runtime: Runtime): Promise<Readiness> {
  const { program, script, onDemand } = MEANS[runtime];
  if (process.platform === "win32") return { missing: "scripts/conformance-*.sh need a POSIX shell" };
  if (onDemand || process.env["CI"] === "true") {
    const status = await alone(script, () => run(script));
    return status === 0 ? { program } : { missing: `scripts/${script} could not install it` };
  }
  return existsSync(program) && (await run(script, "--check")) === 0 ? { program } : { missing: `scripts/${script} installs it` };
}

/** Installs are quick when there is nothing to do, and are never two at once: making a folder is a lock that every system has. */
async function alone(name: string, act: () => Promise<number>): Promise<number> {
  const lock = join(CACHE, `${name}.lock`);
  await mkdir(CACHE, { recursive: true });
  while (!(await taken(lock))) await new Promise((resolve) => setTimeout(resolve, LOCK_EVERY_MS));
  try {
    return await act();
  } finally {
    await rmdir(lock).catch(() => undefined);
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch {
    const held = await stat(lock).catch(() => undefined);
    // Whoever held it longer than an install may take is dead.
    if (held !== undefined && Date.now() - held.mtimeMs > INSTALL_MS_MAX) await rmdir(lock).catch(() => undefined);
    return false;
  }
}

function run(script: string, ...args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const path = `${join(process.execPath, "..")}:${process.env["PATH"] ?? ""}`;
    const child = spawn("bash", [join(ROOT, "scripts", script), ...args], {
      env: { ...process.env, PATH: path },
      stdio: ["ignore", "ignore", "inherit"],
      timeout: INSTALL_MS_MAX,
    });
    child.on("error", () => resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  });
}
