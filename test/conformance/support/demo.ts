/** The demo as a newcomer starts it, with one tenant for each kind of engine and a key for every case; a child process over real sockets. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { until } from "../../edge/support/until.ts";
import { type Target, targetOf } from "./target.ts";

const ENTRY = join(import.meta.dirname, "..", "..", "..", "src", "entry", "node.ts");
const START_MS_MAX = 30_000;
const STARTS_MAX = 3;

/** Rules that the gateway itself keeps, and of the fleet one engine alone for the model beside them. */
const ENGINES = {
  vllm: { chat: 0, require: { "backend.certs": { has_all: ["SecNumCloud.3.2"] } } },
  triton: { chat: 1, require: { "backend.location.country": { in: ["DE"] } } },
} as const;

/** Kept by the gateway, and by no engine of the demo. */
const LAWLESS = { "backend.location.country": { in: ["DE"] }, "backend.certs": { has_all: ["SecNumCloud.3.2"] } };

export type Engine = keyof typeof ENGINES;

const demoJson = z.object({
  adminUrl: z.string(),
  adminKey: z.string(),
  tenants: z.array(z.object({ id: z.string(), baseUrl: z.string(), models: z.array(z.string()) })),
});
const made = z.object({ value: z.string() });

export class Demo {
  #child: ChildProcess | undefined;
  #printed = "";
  readonly #folder = mkdtempSync(join(tmpdir(), "bailiwick-conformance-"));

  /** Again when it ends: between asking for a free port and taking it another test may be faster. */
  async start(startsLeft = STARTS_MAX): Promise<void> {
    this.#printed = "";
    const { BAILIWICK_CONFIG: _, ...env } = process.env;
    const child = spawn(process.execPath, [ENTRY, "serve"], { cwd: this.#folder, env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (this.#printed += chunk.toString()));
    await until("the demo is up", () => this.#printed.includes("Bailiwick is up") || child.exitCode !== null, START_MS_MAX);
    if (child.exitCode === null) return;
    if (startsLeft <= 1) throw new Error(`the demo ended: ${this.#printed}`);
    await this.start(startsLeft - 1);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    child?.kill("SIGTERM");
    await until("the demo has ended", () => child === undefined || child.exitCode !== null || child.signalCode !== null, 10_000);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A new tenant whose law lets it go to that engine alone, with all its keys. */
  async target(engine: Engine): Promise<Target> {
    const { baseUrl, models } = this.#seller();
    const { chat: at, require } = ENGINES[engine];
    const key = await this.#key({ id: `only-${engine}`, require });
    const paced = await this.#key({ id: `paced-${engine}`, require, limits: { concurrency: 1 } });
    const broke = await this.#key({ id: `broke-${engine}`, require, limits: { budget_per_month: "0" } });
    const lawless = await this.#key({ id: `lawless-${engine}`, require: LAWLESS });
    const [chat = "", embedding = ""] = [models[at], models[2]];
    const shared = { name: `demo-${engine}`, baseUrl, key, keys: { paced, broke, lawless } };
    if (engine === "vllm") return targetOf({ ...shared, models: { chat, embedding } });
    return targetOf({ ...shared, models: { chat }, without: ["tools", "logprobs"] });
  }

  #read(): z.infer<typeof demoJson> {
    return demoJson.parse(JSON.parse(readFileSync(join(this.#folder, ".bailiwick", "demo.json"), "utf8")));
  }

  #seller(): { readonly baseUrl: string; readonly models: readonly string[] } {
    const [first] = this.#read().tenants;
    if (first === undefined) throw new Error("a demo without tenants");
    return first;
  }

  async #key(asked: { readonly id: string; readonly require: object; readonly limits?: object }): Promise<string> {
    const { id, require, limits = {} } = asked;
    const policy = [{ id: id.toUpperCase(), require }];
    await this.#administer("/admin/tenants", { id, msp: "kontor", name: id, default_class: "public", policy });
    await this.#administer("/admin/projects", { id: `${id}-app`, tenant: id, name: id });
    return made.parse(await this.#administer("/admin/keys", { project: `${id}-app`, name: id, explain: true, limits })).value;
  }

  async #administer(path: string, body: unknown): Promise<unknown> {
    const { adminUrl, adminKey } = this.#read();
    const headers = { authorization: `Bearer ${adminKey}`, "content-type": "application/json" };
    const response = await fetch(adminUrl + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}
