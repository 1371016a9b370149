/** What lies in examples/ does what its first lines promise, against a demo that was started as a person would start it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { until } from "../edge/support/until.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const ENTRY = join(ROOT, "src", "entry", "node.ts");
const EXAMPLES = join(ROOT, "examples");
const PREPARED = join(ROOT, "node_modules", ".cache", "python", "bin", "python");
const PYTHON = process.env["PYTHON"] ?? (existsSync(PREPARED) ? PREPARED : "python3");
const START_MS_MAX = 30_000;
const STARTS_MAX = 3;
const RUN_MS_MAX = 30_000;

const demoJson = z.object({
  adminUrl: z.string(),
  adminKey: z.string(),
  tenants: z.array(z.object({ msp: z.string(), baseUrl: z.string(), models: z.array(z.string()) })),
});

let folder: string;
let demo: ChildProcess;
let printed = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bailiwick-examples-"));
  await start();
}, STARTS_MAX * START_MS_MAX);

/** Again when it ends: between asking for a free port and taking it another test may be faster. */
async function start(startsLeft = STARTS_MAX): Promise<void> {
  printed = "";
  demo = spawn(process.execPath, [ENTRY, "serve"], { cwd: folder, env: plainEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [demo.stdout, demo.stderr]) stream?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  await until("the demo is up", () => printed.includes("Bailiwick is up") || demo.exitCode !== null, START_MS_MAX);
  if (demo.exitCode === null) return;
  if (startsLeft <= 1) throw new Error(`the demo ended: ${printed}`);
  await start(startsLeft - 1);
}

afterAll(async () => {
  demo.kill("SIGTERM");
  await until("the demo has ended", () => demo.exitCode !== null, 10_000);
  rmSync(folder, { recursive: true, force: true });
});

/** Without what a developer's shell may say about another gateway. */
function plainEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { BAILIWICK_CONFIG: _config, BAILIWICK_ADMIN_URL: _url, BAILIWICK_ADMIN_KEY: _key, ...rest } = process.env;
  return {
    ...rest,
    PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    NO_PROXY: "127.0.0.1",
    no_proxy: "127.0.0.1",
    ...more,
  };
}

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** Beside the event loop, which collects what the demo prints. */
function run(command: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      env: plainEnvironment(more),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: RUN_MS_MAX,
    });
    let [out, errors] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, errors }));
  });
}

describe("scripts", () => {
  it.runIf(spawnSync("curl", ["--version"]).status === 0)("curl.sh", { timeout: RUN_MS_MAX }, async () => {
    const { code, out, errors } = await run("sh", [join(EXAMPLES, "curl.sh")]);
    expect([code, errors]).toEqual([0, ""]);
    expect(out).toContain('"object":"chat.completion"');
    expect(out).toContain("data: [DONE]");
    expect(out).toContain('"id":"kontor-chat","object":"model"');
    expect(out).toMatch(/"output_tokens":[1-9]/);
    expect(out).toContain('"code":"SOV_NO_ADMISSIBLE"');
  });

  it("node-stream.mjs", { timeout: RUN_MS_MAX }, async () => {
    saysHello(await run(process.execPath, [join(EXAMPLES, "node-stream.mjs")]));
  });

  const withPython = spawnSync(PYTHON, ["-c", "import openai"], { stdio: "ignore" }).status === 0;
  if (!withPython) process.stdout.write(`not run: python_stream.py (${PYTHON} has no package openai)\n`);
  it.runIf(withPython || process.env["CI"] === "true")("python_stream.py", { timeout: RUN_MS_MAX }, async () => {
    saysHello(await run(PYTHON, [join(EXAMPLES, "python_stream.py")], { PYTHONDONTWRITEBYTECODE: "1" }));
  });
});

function saysHello({ code, out, errors }: Ran): void {
  expect([code, errors]).toEqual([0, ""]);
  expect(out).toMatch(/\n35 tokens in, 40 out\n403 SOV_NO_ADMISSIBLE: KLINIKUM-1, KLINIKUM-2\n$/);
}

describe("configurations", () => {
  it("bailiwick.yaml is sound", async () => {
    const { code, out } = await run(process.execPath, [ENTRY, "check", join(EXAMPLES, "bailiwick.yaml")]);
    expect([code, out]).toEqual([0, expect.stringContaining(": sound")]);
  });

  /** Countries that serve the demo's chat model to a tenant with that policy, at its default class. */
  const SERVED_IN: Readonly<Record<string, readonly string[]>> = { hospital: ["DE"], ministry: ["FR"], bank: ["DE", "FR"] };
  const policies = readdirSync(join(EXAMPLES, "policies")).map((file) => basename(file, ".yaml"));

  it("every policy has its test", () => expect(policies.toSorted()).toEqual(Object.keys(SERVED_IN).toSorted()));

  it.each(policies)("policies/%s.yaml is law that lets requests through to its own places", { timeout: RUN_MS_MAX }, async (name) => {
    const key = await tenantUnder(name);
    const { tenants } = read();
    const served = await country(tenants[0]?.baseUrl ?? "", key, tenants[0]?.models[0] ?? "");
    expect(SERVED_IN[name]).toContain(served);
  });
});

function read(): z.infer<typeof demoJson> {
  return demoJson.parse(JSON.parse(readFileSync(join(folder, ".bailiwick", "demo.json"), "utf8")));
}

/** A new tenant with a policy of the examples, made on the command line; gives the secret of its key. */
async function tenantUnder(policy: string): Promise<string> {
  const { adminUrl, adminKey } = read();
  const id = `${policy}-example`;
  const args = [
    "--id",
    id,
    "--msp",
    "kontor",
    "--name",
    policy,
    "--class",
    "restricted",
    "--policy",
    join(EXAMPLES, "policies", `${policy}.yaml`),
  ];
  const more = { BAILIWICK_ADMIN_URL: adminUrl, BAILIWICK_ADMIN_KEY: adminKey };
  const { code, errors } = await run(process.execPath, [ENTRY, "tenants", "create", ...args], more);
  expect([code, errors]).toEqual([0, ""]);
  await administer("/admin/projects", { id: `${id}-app`, tenant: id, name: "App" });
  const { value } = z
    .object({ value: z.string() })
    .parse(await administer("/admin/keys", { project: `${id}-app`, name: "App", explain: true }));
  return value;
}

async function administer(path: string, body: unknown): Promise<unknown> {
  const { adminUrl, adminKey } = read();
  const headers = { authorization: `Bearer ${adminKey}`, "content-type": "application/json" };
  const response = await fetch(adminUrl + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.json();
}

async function country(baseUrl: string, key: string, model: string): Promise<string | null> {
  const body = JSON.stringify({ model, max_tokens: 1, messages: [{ role: "user", content: "Hello" }] });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await fetch(`${baseUrl}/chat/completions`, { method: "POST", headers, body });
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("chat.completion")]);
  return response.headers.get("x-served-country");
}
