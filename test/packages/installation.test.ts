/** The package installed by npm into an empty folder, with all that it asks for, and started by the Nodes that people have. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { npm } from "../../scripts/npm.ts";
import { ROOT } from "../../scripts/parts.ts";
import { ADMIN_ENV, ADMIN_KEY, estateYaml } from "../edge/support/estate.ts";
import { until } from "../edge/support/until.ts";
import { pack } from "./support/archive.ts";
import { describeWith, preparedNode, PREPARE, withoutRegistry } from "./support/lacking.ts";

const INSTALL_MS_MAX = 180_000;
/** Ours, better-sqlite3 with the headers that it names, and one Node. */
const PACKAGES_MAX = 4;
/** The oldest Node that npm runs on, and the lines since then; the last is the one that tests run on. */
const LINES = [20, 22, 24];

const version = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))).version;
const brings = existsSync(join(ROOT, "node_modules", `node-${process.platform}-${process.arch}`)) || process.platform === "win32";

describeWith("installation by npm", withoutRegistry(), () => {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-installed-"));

  beforeAll(() => {
    const archive = pack(folder);
    writeFileSync(join(folder, "package.json"), "{}");
    npm(["install", "--no-audit", "--no-fund", "--ignore-scripts=false", archive], folder);
  }, INSTALL_MS_MAX);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("brings few packages, and runs no script to do so", () => {
    const { packages } = z
      .object({ packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })) })
      .parse(JSON.parse(readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8")));
    expect(Object.keys(packages).length).toBeLessThanOrEqual(PACKAGES_MAX);
    expect(Object.values(packages).filter(({ hasInstallScript }) => hasInstallScript)).toEqual([]);
    expect(readdirSync(join(folder, "node_modules", "better-sqlite3"))).not.toContain("build");
  });

  it("runs by npx", () => {
    expect(npm(["exec", "--offline", "--", "bailiwick", "--version"], folder)).toBe(`${version}\n`);
    const example = join("node_modules", "bailiwick", "examples", "bailiwick.yaml");
    expect(npm(["exec", "--offline", "--", "bailiwick", "check", example], folder)).toContain(": sound");
  });

  for (const line of LINES) {
    const node = preparedNode(line);
    const why = !brings ? "no Node is published for this machine" : existsSync(node) ? undefined : PREPARE;
    describeWith(`installation on Node ${String(line)}`, why, () => {
      it("checks, serves, and ends in order", { timeout: 60_000 }, async () => {
        const env = { ...process.env, PATH: [dirname(node), process.env["PATH"]].join(delimiter), [ADMIN_ENV]: ADMIN_KEY };
        const program = join(folder, "node_modules", ".bin", "bailiwick");
        const options = { cwd: folder, env } as const;
        const checked = spawnSync(program, ["check", "node_modules/bailiwick/examples/bailiwick.yaml"], { ...options, encoding: "utf8" });
        expect(checked).toMatchObject({ status: 0, stdout: expect.stringContaining(": sound") });
        const file = `on-${String(line)}.yaml`;
        const urls = { vllm: "http://127.0.0.1:1", triton: "http://127.0.0.1:1", embedding: "http://127.0.0.1:1" };
        writeFileSync(join(folder, file), estateYaml({ urls, dataDir: join(folder, `data-${String(line)}`) }));
        const child = spawn(program, ["serve", "--config", file], { ...options, stdio: ["ignore", "ignore", "pipe"] });
        let said = "";
        child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
        const ended = new Promise((resolve) => child.on("close", resolve));
        await until("it listens", () => said.includes("administration"), 30_000);
        child.kill("SIGTERM");
        expect(await ended, said).toBe(0);
      });
    });
  }
});

describeWith("installation as a service", process.platform === "linux" ? withoutRegistry() : "systemd is of Linux", () => {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-service-"));
  const place = join(folder, "root", "opt", "bailiwick");
  const install = (archive: string) =>
    spawnSync(join(ROOT, "packaging", "systemd", "install.sh"), [archive], {
      encoding: "utf8",
      timeout: INSTALL_MS_MAX,
      env: { ...process.env, DESTDIR: join(folder, "root") },
    });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("lays out what the unit starts, keeps the version before, and leaves all as it was when it fails", { timeout: INSTALL_MS_MAX }, () => {
    const archive = pack(folder);
    expect(install(archive)).toMatchObject({ status: 0, stdout: expect.stringContaining(version) });
    const unit = readFileSync(join(folder, "root", "etc", "systemd", "system", "bailiwick.service"), "utf8");
    const [program = "", entry = ""] = /^ExecStart=(\S+) (\S+)/m.exec(unit)?.slice(1) ?? [];
    expect(spawnSync(join(folder, "root", program), [join(folder, "root", entry), "--version"], { encoding: "utf8" }).stdout).toBe(
      `${version}\n`,
    );
    expect(install(archive).status).toBe(0);
    expect(existsSync(join(`${place}.previous`, "bin", "node"))).toBe(true);
    writeFileSync(join(folder, "broken.tgz"), "no archive");
    expect(install(join(folder, "broken.tgz")).status).not.toBe(0);
    expect(existsSync(join(place, "bin", "node"))).toBe(true);
  });
});

describe("where npm was told to leave out the Node", () => {
  it("says what is missing", () => {
    const folder = mkdtempSync(join(tmpdir(), "bailiwick-bare-"));
    spawnSync("cp", ["-R", join(ROOT, "bin"), folder]);
    const old = preparedNode(22);
    const started = spawnSync(existsSync(old) ? old : process.execPath, [join(folder, "bin", "bailiwick.mjs"), "--version"], {
      encoding: "utf8",
    });
    rmSync(folder, { recursive: true, force: true });
    expect(started.status).toBe(1);
    expect(started.stderr).toContain(
      existsSync(old) ? "Install Node 24 or newer, or reinstall with optional dependencies" : "packed without being built",
    );
  });
});
