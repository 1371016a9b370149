/** The packed package as whoever installs it has it: compiled, below node_modules, with the one package that is not inside. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Engines, startEngines } from "./support/engines.ts";
import { estateYaml, KEYS, MODELS } from "./support/estate.ts";
import { bailiwick, GatewayProcess } from "./support/gateway-process.ts";
import { bearer, raw, type RawAnswer, request } from "./support/raw.ts";
import { settlements } from "./support/settlements.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const PACK_MS_MAX = 90_000;
const NOT_INSIDE = ["better-sqlite3"];

const manifest = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()) });

const folder = mkdtempSync(join(tmpdir(), "bailiwick-package-"));
const installed = join(folder, "node_modules", "bailiwick");
const entry = join(installed, "bin", "bailiwick.mjs");
const dataDir = join(folder, "data");

let engines: Engines;
beforeAll(async () => {
  pack();
  lay();
  engines = await startEngines();
  writeFileSync(join(folder, "bailiwick.yaml"), estateYaml({ urls: engines.urls, dataDir }));
}, PACK_MS_MAX);

afterAll(async () => {
  await engines.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** `npm run package`, with the npm that runs these tests where one does. */
function pack(): void {
  const npm = process.env["npm_execpath"];
  const args = ["pack", "--ignore-scripts=false", "--pack-destination", folder];
  const options = { cwd: ROOT, encoding: "utf8", timeout: PACK_MS_MAX } as const;
  const done = npm?.endsWith("js") ? spawnSync(process.execPath, [npm, ...args], options) : spawnSync("npm", args, options);
  if (done.status !== 0) throw new Error(`npm pack: ${done.error?.message ?? done.stderr}`);
}

/** Without network: what it needs lies below this repository's node_modules already. */
function lay(): void {
  mkdirSync(installed, { recursive: true });
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  const done = spawnSync("tar", ["-xzf", join(folder, archive), "-C", installed, "--strip-components=1"], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`tar: ${done.error?.message ?? done.stderr}`);
  for (const name of NOT_INSIDE) symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name), "dir");
}

function packed(): z.infer<typeof manifest> {
  return manifest.parse(JSON.parse(readFileSync(join(installed, "package.json"), "utf8")));
}

describe("the packed package", () => {
  it("has compiled code and no sources, tests or data", () => {
    expect(existsSync(join(installed, "dist", "entry", "node.js"))).toBe(true);
    expect(readdirSync(installed).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "bin",
      "dist",
      "docs",
      "examples",
      "package.json",
    ]);
  });

  it("names whose work is inside, with every licence", () => {
    const notices = readFileSync(join(installed, "dist", "LICENSES.txt"), "utf8");
    const inside = Object.keys(packed().dependencies).filter((name) => !NOT_INSIDE.includes(name));
    expect(inside.filter((name) => !notices.includes(`${name} ${packed().dependencies[name] ?? ""} (`))).toEqual([]);
    expect(notices).toContain("Permission is hereby granted, free of charge");
  });

  it("says its version", async () => {
    expect(await bailiwick(["--version"], folder, entry)).toEqual({ code: 0, output: `${packed().version}\n` });
  });

  it("checks a configuration, and names every error with its place", async () => {
    const example = join("node_modules", "bailiwick", "examples", "bailiwick.yaml");
    expect(await bailiwick(["check", example], folder, entry)).toEqual({ code: 0, output: expect.stringContaining(": sound") });
    writeFileSync(join(folder, "wrong.yaml"), "server: { listen: 7 }\n");
    expect(await bailiwick(["check", "wrong.yaml"], folder, entry)).toEqual({ code: 1, output: expect.stringContaining("wrong.yaml:1:") });
  });

  it("writes a configuration for a running engine", async () => {
    const given = ["--country", "DE", "--operator-country", "DE", "--operator-parents", "DE", "--out", "made.yaml"];
    const made = await bailiwick(["init", "--backend", engines.urls.vllm, ...given], folder, entry);
    expect(made).toMatchObject({ code: 0, output: expect.stringContaining("wrote made.yaml") });
  });

  it("serves governed requests, and has them in its ledger when it has ended", async () => {
    const gateway = await GatewayProcess.start(join(folder, "bailiwick.yaml"), folder, entry);
    const port = gateway.ports[0] ?? 0;
    try {
      expect(
        [await chat(port, KEYS.alpine), await chat(port, KEYS.lawless), await chat(port, "sk-nobody")].map(({ status }) => status),
      ).toEqual([200, 403, 401]);
    } finally {
      gateway.signal("SIGTERM");
    }
    expect(await gateway.exit()).toBe(0);
    expect(settlements(dataDir)).toMatchObject([{ tenant: "tenant-a", outcome: "served", status: 200, usage_source: "backend" }]);
  });
});

function chat(port: number, key: string): Promise<RawAnswer> {
  const body = JSON.stringify({ model: MODELS.alpine.vllm, max_tokens: 8, messages: [{ role: "user", content: "hello" }] });
  return raw({ port, pieces: [request({ headers: [bearer(key), "content-type: application/json"], body })] });
}
