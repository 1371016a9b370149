/** How the gateway under measurement is started: as it is installed when it can be built, else from its sources. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./child.ts";
import type { Ports } from "./free-ports.ts";
import { CACHE, ROOT } from "./tools.ts";

/** What bench/gateway/bailiwick.yaml knows: its key's hash, its public model name, its ports. */
export const KEY = "sk-bench-key-0123456789abcdef";
export const MODEL = "acme/llama";
const CONFIGURED = { gateway: 9810, admin: 9811, mock: 9900 } as const;

const BUILD_MS_MAX = 120_000;

export interface Installed {
  /** Arguments of Node, up to the gateway's own. */
  readonly args: readonly string[];
  readonly how: "compiled package" | "sources";
}

/** Builds when the repository can, and lays the package out as an installation has it: below node_modules, without sources. */
export function install(): Installed {
  const build = join(ROOT, "scripts", "build.ts");
  if (existsSync(build)) {
    const done = spawnSync(process.execPath, [build], { cwd: ROOT, encoding: "utf8", timeout: BUILD_MS_MAX });
    if (done.status !== 0) throw new Error(`scripts/build.ts failed: ${done.stderr.slice(-500)}`);
  }
  if (!existsSync(join(ROOT, "dist", "entry", "node.js"))) return { args: [join(ROOT, "src", "entry", "node.ts")], how: "sources" };
  const place = join(CACHE, "installed");
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  for (const part of ["bin", "dist", "package.json"]) cpSync(join(ROOT, part), join(place, part), { recursive: true });
  return { args: [join(place, "bin", "bailiwick.mjs")], how: "compiled package" };
}

/** What is unlike the comparison's gateway. */
export interface Given {
  /** The configuration. */
  readonly text?: string;
  /** Of the command line. */
  readonly options?: readonly string[];
}

/** Starts it with everything on, in an empty folder of its own. */
export function startGateway(installed: Installed, ports: Ports, folder: string, given: Given = {}): Child {
  const { text = configuration(ports), options = [] } = given;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "bailiwick.yaml"), text);
  return new Child({
    file: process.execPath,
    args: [...installed.args, "serve", "--config", "bailiwick.yaml", ...options],
    cwd: folder,
    env: { NODE_ENV: "production" },
  });
}

/** The governed configuration with this run's ports. @throws Error when the file no longer has the ports that are replaced */
export function configuration(ports: Ports): string {
  let text = readFileSync(join(ROOT, "bench", "gateway", "bailiwick.yaml"), "utf8");
  for (const name of ["gateway", "admin", "mock"] as const) {
    const address = `127.0.0.1:${String(CONFIGURED[name])}`;
    if (!text.includes(address)) throw new Error(`bench/gateway/bailiwick.yaml has no ${address}`);
    text = text.replaceAll(address, `127.0.0.1:${String(ports[name])}`);
  }
  return text;
}
