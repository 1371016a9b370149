/** A real gateway in a process of its own, over a folder that outlives it: started, asked, killed, started again. */
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeClock } from "../../../src/entry/node/clock.ts";
import { VllmSimulator } from "../../../src/simulator/vllm.ts";

const PROGRAM = fileURLToPath(new URL("../../../src/entry/node.ts", import.meta.url));
export const ADMIN_KEY = "sk-admin-of-the-test";
export const FILE_KEY = "sk-declared-in-the-file";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Home {
  /** Rewrites the configuration: limits of the tenant in the file, id of the operator. A running gateway takes it on SIGHUP, or soon. */
  configure(limits: string, operator?: string): void;
  start(): Promise<Gateway>;
  remove(): Promise<void>;
}

export interface Gateway {
  chat(key: string, maxTokens?: number): Promise<Answer>;
  admin(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Lines that the gateway has logged. */
  readonly said: () => string;
  signal(name: "SIGKILL" | "SIGTERM" | "SIGHUP"): void;
  /** Exit code, or undefined when a signal ended it. */
  readonly ended: Promise<number | undefined>;
}

/** A folder with a configuration and one engine. */
export async function makeHome(): Promise<Home> {
  const folder = mkdtempSync(join(tmpdir(), "runtime-"));
  const engine = new VllmSimulator({
    clock: nodeClock,
    models: ["harbour-8b"],
    seed: 1,
    profile: { prefillMsPerToken: 0.1, decodeMsPerToken: 1 },
    contextTokensMax: 4_096,
  });
  await engine.start(0);
  const file = join(folder, "bailiwick.yaml");
  const configure: Home["configure"] = (limits, operator = "op") =>
    writeFileSync(file, yaml({ engineUrl: engine.url, dataDir: join(folder, "data"), limits, operator }));
  configure("{}");
  return {
    configure,
    start: () => start(file),
    async remove() {
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function yaml({ engineUrl, dataDir, limits, operator }: Readonly<Record<"engineUrl" | "dataDir" | "limits" | "operator", string>>): string {
  return `
server:
  listen: [{ address: "127.0.0.1:0", msp: acme }]
  admin: { address: "127.0.0.1:0", key: { env: TEST_ADMIN_KEY } }
  data_dir: ${JSON.stringify(dataDir)}
  log_level: info
policy: [{ id: P, require: { backend.train_on_data: { in: [false] } } }]
operators:
  ${operator}: { name: Op, country: DE, parents: [DE], facts: { train_on_data: false }, policy: [{ id: O, require: { backend.location.country: { in: [DE] } } }] }
sites: { berlin: { operator: ${operator}, country: DE } }
self: { site: berlin }
models: { m: { context_tokens_max: 4096 } }
backends: { b: { site: berlin, engine: vllm, base_url: "${engineUrl}", models: { m: { served_name: harbour-8b } } } }
msps:
  acme:
    hosts: [acme.test]
    price_book: { version: "1", currency: EUR }
    aliases: { chat: { model: m, price: { input: "0.1", output: "0.2" } } }
    policy: [{ id: M, require: { backend.location.country: { in: ["@ALL_ASSIGNED"] } } }]
tenants: { filed: { msp: acme, limits: ${limits}, policy: [{ id: T, require: { backend.location.country: { in: [DE] } } }] } }
projects: { files: { tenant: filed } }
keys: { k: { project: files, hash: "sha256:${createHash("sha256").update(FILE_KEY).digest("hex")}" } }
`;
}

async function start(file: string): Promise<Gateway> {
  const child = spawn(process.execPath, [PROGRAM, "serve", "--config", file], {
    env: { ...process.env, TEST_ADMIN_KEY: ADMIN_KEY },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => void (said += chunk.toString()));
  const ended = once(child, "exit").then(([code]: unknown[]) => (typeof code === "number" ? code : undefined));
  const admin = await heard(
    child,
    () => /administration and metrics on (\S+)/.exec(said)?.[1],
    () => said,
  );
  const gateway = /listening on (\S+)/.exec(said)?.[1] ?? "";
  return {
    said: () => said,
    signal: (name) => void child.kill(name),
    ended,
    admin: (method, path, body) => ask(`${admin}${path}`, { method, key: ADMIN_KEY, body }),
    chat(key, maxTokens = 5) {
      const body = { model: "chat", messages: [{ role: "user", content: "Say hello." }], max_tokens: maxTokens };
      return ask(`${gateway}/v1/chat/completions`, { method: "POST", key, body });
    },
  };
}

async function heard(child: ChildProcess, find: () => string | undefined, said: () => string): Promise<string> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}:\n${said()}`);
    await Promise.race([once(child.stderr ?? child, "data"), once(child, "exit")]);
  }
}

async function ask(url: string, { method, key, body }: { method: string; key: string; body?: unknown }): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const parsed: unknown = await response.json();
  return { status: response.status, headers: response.headers, body: typeof parsed === "object" && parsed !== null ? { ...parsed } : {} };
}
