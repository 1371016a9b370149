/** A gateway of several processes over a folder of its own: configured, asked, and its processes ended one by one. */
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeClock } from "../../../src/entry/node/clock.ts";
import { VllmSimulator } from "../../../src/simulator/vllm.ts";
import { bearer, raw, request, type RawAnswer } from "../../edge/support/raw.ts";
import { until } from "../../edge/support/until.ts";

const PROGRAM = join(import.meta.dirname, "..", "..", "..", "src", "entry", "node.ts");
const START_MS_MAX = 60_000;
export const ADMIN_KEY = "sk-admin-of-several-processes";
export const KEY = "sk-key-of-several-processes";
export const HOST = "acme.test";
export const MODEL = "chat";

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly key?: string;
  readonly headers?: readonly string[];
  readonly body?: unknown;
}

export class Several {
  readonly engine: VllmSimulator;
  readonly #folder = mkdtempSync(join(tmpdir(), "processes-"));
  #child: ChildProcess | undefined;
  #said = "";
  #logged = "";
  #code: number | null | undefined;

  private constructor(engine: VllmSimulator) {
    this.engine = engine;
  }

  static async make(limits = "{}"): Promise<Several> {
    const engine = new VllmSimulator({
      clock: nodeClock,
      models: ["harbour-8b"],
      seed: 1,
      profile: { prefillMsPerToken: 0, decodeMsPerToken: 2, sequencesMax: 1_000 },
      contextTokensMax: 65_536,
    });
    await engine.start(0);
    const several = new Several(engine);
    several.configure(limits);
    return several;
  }

  /** Limits of the tenant. A running gateway takes it on SIGHUP, or soon. */
  configure(limits: string, port = 0): void {
    writeFileSync(this.file, yaml({ engineUrl: this.engine.url, dataDir: this.dataDir, limits, port }));
  }

  /** Callers are answered on this port. Before the start. */
  listenAt(port: number): void {
    this.configure("{}", port);
  }

  get file(): string {
    return join(this.#folder, "bailiwick.yaml");
  }

  get dataDir(): string {
    return join(this.#folder, "data");
  }

  async start(processes: number): Promise<void> {
    this.#said = "";
    this.#code = undefined;
    const child = spawn(process.execPath, [PROGRAM, "serve", "--config", this.file, "--processes", String(processes)], {
      env: { ...process.env, TEST_ADMIN_KEY: ADMIN_KEY },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => (this.#logged += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (this.#said += chunk.toString()));
    child.on("exit", (code) => (this.#code = code));
    await until("all processes serve", () => this.#listens(), START_MS_MAX);
  }

  #listens(): boolean {
    if (this.#code !== undefined) throw new Error(`the gateway ended with ${String(this.#code)}: ${this.#said}`);
    return this.#said.includes("administration");
  }

  get port(): number {
    return this.#portAt(0);
  }

  #portAt(index: number): number {
    return Number([...this.#said.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)][index]?.[1]);
  }

  get logged(): string {
    return this.#logged;
  }

  get parent(): number {
    return this.#child?.pid ?? 0;
  }

  /** Process ids, without the parent's. */
  get members(): readonly number[] {
    return readFileSync(`/proc/${this.parent}/task/${this.parent}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Exit code of the parent; null: a signal ended it. */
  async ended(withinMs = 45_000): Promise<number | null> {
    await until("the gateway has ended", () => this.#code !== undefined, withinMs);
    return this.#code ?? null;
  }

  /** One request on a connection of its own, so that any process may get it. */
  ask({ method = "POST", path = "/v1/chat/completions", key = KEY, headers = [], body }: Sent): Promise<RawAnswer> {
    const lines = [bearer(key), "content-type: application/json", ...headers];
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return raw({ port: this.port, pieces: [request({ method, path, host: HOST, headers: lines, ...text })] });
  }

  chat(tokens = 2, more: Omit<Sent, "body"> = {}): Promise<RawAnswer> {
    const body = { model: MODEL, max_tokens: tokens, messages: [{ role: "user", content: `[[tokens:${tokens}]]` }] };
    return this.ask({ ...more, body });
  }

  async admin(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.#portAt(1)}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, connection: "close" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  }

  async remove(): Promise<void> {
    if (this.#code === undefined) this.signal("SIGTERM");
    await this.ended().catch(() => this.signal("SIGKILL"));
    await this.engine.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

interface Parts extends Readonly<Record<"engineUrl" | "dataDir" | "limits", string>> {
  readonly port: number;
}

function yaml({ engineUrl, dataDir, limits, port }: Parts): string {
  return `
server:
  listen: [{ address: "127.0.0.1:${String(port)}", msp: acme }]
  admin: { address: "127.0.0.1:0", key: { env: TEST_ADMIN_KEY } }
  data_dir: ${JSON.stringify(dataDir)}
  log_level: info
policy: [{ id: P, require: { backend.train_on_data: { in: [false] } } }]
operators:
  op: { name: Op, country: DE, parents: [DE], facts: { train_on_data: false }, policy: [{ id: O, require: { backend.location.country: { in: [DE] } } }] }
sites: { berlin: { operator: op, country: DE } }
self: { site: berlin }
models: { m: { context_tokens_max: 65536 } }
backends: { b: { site: berlin, engine: vllm, base_url: "${engineUrl}", concurrency: 1000, models: { m: { served_name: harbour-8b } } } }
msps:
  acme:
    hosts: [${HOST}]
    price_book: { version: "1", currency: EUR }
    aliases: { ${MODEL}: { model: m, price: { input: "0", output: "1000" } } }
    policy: [{ id: M, require: { backend.location.country: { in: ["@ALL_ASSIGNED"] } } }]
tenants: { filed: { msp: acme, limits: ${limits}, policy: [{ id: T, require: { backend.location.country: { in: [DE] } } }] } }
projects: { files: { tenant: filed } }
keys: { k: { project: files, hash: "sha256:${createHash("sha256").update(KEY).digest("hex")}" } }
`;
}
