/** `serve` without a configuration, as a newcomer runs it: every tenant is served what its law lets through, and refused the rest. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DemoJson, DemoJsonTenant } from "../../src/cli/demo.ts";
import { until } from "../edge/support/until.ts";

const ENTRY = join(import.meta.dirname, "..", "..", "src", "entry", "node.ts");
const TENANTS = ["klinikum", "papillon", "ministere", "flandre"] as const;
const folder = mkdtempSync(join(tmpdir(), "bailiwick-demo-"));
const written = join(folder, ".bailiwick", "demo.json");

let child: ChildProcess;
let demo: DemoJson;
let banner = "";

beforeAll(async () => {
  child = spawn(process.execPath, [ENTRY, "serve"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  child.stdout?.on("data", (chunk: Buffer) => (banner += chunk.toString()));
  await until("the demo is up", () => existsSync(written) && banner.includes("Paste"), 30_000);
  demo = JSON.parse(readFileSync(written, "utf8"));
}, 40_000);

afterAll(async () => {
  child.kill("SIGTERM");
  await until("the demo has ended", () => child.exitCode !== null, 10_000);
  rmSync(folder, { recursive: true, force: true });
});

function tenant(id: string): DemoJsonTenant {
  const found = demo.tenants.find((one) => one.id === id);
  if (found === undefined) throw new Error(`the demo has no tenant ${id}`);
  return found;
}

const clientOf = ({ baseUrl, key }: DemoJsonTenant): OpenAI => new OpenAI({ baseURL: baseUrl, apiKey: key, maxRetries: 0 });
const HELLO: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Say hello." }];

describe.each(TENANTS)("%s", (id) => {
  it("is served", async () => {
    const { models, ...who } = tenant(id);
    const client = clientOf({ models, ...who });
    const { choices } = await client.chat.completions.create({ model: models[0], messages: HELLO, max_completion_tokens: 8 });
    expect(choices[0]?.message.content).toMatch(/./);
    expect(await client.chat.completions.stream({ model: models[0], messages: HELLO, max_completion_tokens: 8 }).finalContent()).toMatch(
      /./,
    );
    expect((await client.embeddings.create({ model: models[2], input: "hello" })).data).toHaveLength(1);
  });

  it("is refused what its law forbids, and told why", async () => {
    const { refused } = tenant(id);
    const call = clientOf(tenant(id)).chat.completions.create({ model: refused.model, messages: HELLO }, { headers: refused.headers });
    await expect(call).rejects.toMatchObject({
      status: refused.status,
      code: refused.code,
      error: { sovereignty: { admissible: 0, denied_by: expect.anything() } },
    });
  });
});

it("what it prints can be pasted: each of its keys and addresses is the real one", () => {
  for (const { key, baseUrl } of demo.tenants) expect([banner.includes(key), banner.includes(baseUrl)]).toEqual([true, true]);
  expect(banner).toContain(demo.adminKey);
});

it("its configuration can be read, by its owner alone, and holds no secret", () => {
  const path = join(folder, demo.configuration);
  const text = readFileSync(path, "utf8");
  expect(banner).toContain(demo.configuration);
  expect(text).toContain("backends:");
  for (const secret of [...demo.tenants.map(({ key }) => key), demo.adminKey]) expect(text).not.toContain(secret);
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
});
