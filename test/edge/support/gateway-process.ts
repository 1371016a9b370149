/** The gateway as a process of its own, for what only a process can show: signals, sudden death, exit codes, logs. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN_ENV, ADMIN_KEY } from "./estate.ts";
import { until } from "./until.ts";

const ENTRY = join(import.meta.dirname, "..", "..", "..", "src", "entry", "node.ts");
const START_MS_MAX = 30_000;

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs one command to its end. @param entry another program than the sources */
export function bailiwick(args: readonly string[], cwd: string, entry = ENTRY): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [entry, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => output.push(chunk));
    child.on("close", (code) => resolve({ code, output: Buffer.concat(output).toString() }));
  });
}

export class GatewayProcess {
  readonly #child: ChildProcess;
  #out = "";
  #err = "";
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;

  private constructor(file: string, cwd: string, entry: string) {
    this.#child = spawn(process.execPath, [entry, "serve", "--config", file], {
      cwd,
      env: { ...process.env, [ADMIN_ENV]: ADMIN_KEY },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.#out += chunk.toString()));
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.#err += chunk.toString()));
    this.#child.on("close", (code, signal) => (this.#exit = { code, signal }));
  }

  /** Resolves when it listens. @param entry another program than the sources */
  static async start(file: string, cwd: string, entry = ENTRY): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(file, cwd, entry);
    await until("the gateway listens", () => gateway.#listens(), START_MS_MAX);
    return gateway;
  }

  #listens(): boolean {
    if (this.#exit !== undefined) throw new Error(`the gateway ended: ${this.#err}${this.#out}`);
    return this.#err.includes("administration");
  }

  /** In the order of the configuration, the administration last. */
  get ports(): readonly number[] {
    return Array.from(this.#err.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g), ([, port]) => Number(port));
  }

  /** The JSON lines of its log so far. */
  get log(): readonly Readonly<Record<string, unknown>>[] {
    return this.#out
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  }

  /** Everything it ever wrote to its standard streams. */
  get output(): string {
    return this.#out + this.#err;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  get ended(): boolean {
    return this.#exit !== undefined;
  }

  /** Resolves with the exit code, null when a signal killed it. */
  async exit(withinMs = 10_000): Promise<number | null> {
    await until("the gateway has ended", () => this.#exit !== undefined, withinMs);
    return this.#exit?.code ?? null;
  }

  /** Resident memory in bytes, where the system tells. */
  get rssBytes(): number | undefined {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#child.pid ?? 0}/status`, "utf8"))?.[1]) * 1024;
    } catch {
      return undefined;
    }
  }
}
