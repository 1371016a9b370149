/** The container file's steps, taken, and the image that comes of them run as a careful host would: nobody in particular, nothing to write to but its volume. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { inside } from "../../scripts/container-image.ts";
import { ROOT } from "../../scripts/parts.ts";
import { type Engines, startEngines } from "../edge/support/engines.ts";
import { ADMIN_ENV, ADMIN_KEY, estateYaml, KEYS, MODELS } from "../edge/support/estate.ts";
import { bearer, raw, request } from "../edge/support/raw.ts";
import { settlements } from "../edge/support/settlements.ts";
import { until } from "../edge/support/until.ts";
import { pack } from "./support/archive.ts";
import { describeWith, has, IMAGES, isRoot, PREPARE, withoutRegistry } from "./support/lacking.ts";

const BUILD_MS_MAX = 180_000;
const UID = 65532;

const image = z.object({
  root: z.string(),
  user: z.string(),
  workdir: z.string(),
  command: z.array(z.string()),
  healthcheck: z.array(z.string()),
  stopSignal: z.literal("SIGTERM"),
});

function lacking(): string | undefined {
  if (process.platform !== "linux" || !isRoot) return "chroot and mounts need Linux and root";
  if (!["base.made", "build.made"].every((name) => existsSync(join(IMAGES, name)))) return `no stand-ins for its images: ${PREPARE}`;
  if (!["unshare", "nsenter", "setpriv", "mount"].every(has)) return "util-linux is not whole";
  if (spawnSync("unshare", ["--mount", "true"]).status !== 0) return "this machine gives no mount namespaces";
  return withoutRegistry();
}

describeWith("container in a chroot", lacking(), () => {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-container-"));
  const [workplace, dataDir, configDir] = ["workplace", "data", "config"].map((name) => join(folder, name));
  let engines: Engines;
  let host: ChildProcess;
  let output = "";
  let exitCode: number | null | undefined;
  let admin = "";
  let built: z.infer<typeof image>;

  beforeAll(async () => {
    for (const each of [workplace, dataDir, configDir]) mkdirSync(each ?? "");
    const archive = pack(folder);
    engines = await startEngines();
    admin = `127.0.0.1:${String(await freePort())}`;
    const yaml = estateYaml({ urls: engines.urls, dataDir: "/data" }).replace(
      'admin: { address: "127.0.0.1:0"',
      `admin: { address: "${admin}"`,
    );
    writeFileSync(join(configDir ?? "", "bailiwick.yaml"), yaml);
    host = start(archive);
    await until("the container listens", () => listens(), BUILD_MS_MAX);
    built = image.parse(JSON.parse(readFileSync(join(workplace ?? "", "image.json"), "utf8")));
  }, BUILD_MS_MAX);

  afterAll(async () => {
    host.kill("SIGTERM");
    await until("the container has ended", () => exitCode !== undefined);
    await engines.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(archive: string): ChildProcess {
    const places = { package: archive, images: IMAGES, workplace, config: join(configDir ?? "", "bailiwick.yaml"), data: dataDir };
    const options = Object.entries(places).flatMap(([name, value = ""]) => [`--${name}`, value]);
    const given = ["--env", `${ADMIN_ENV}=${ADMIN_KEY}`, "--env", `BAILIWICK_ADMIN_URL=http://${admin}`];
    const program = [process.execPath, join(ROOT, "scripts", "container-run.ts"), ...options, ...given];
    const child = spawn("unshare", ["--mount", "--propagation", "private", "--", ...program], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("close", (code) => (exitCode = code));
    return child;
  }

  function listens(): boolean {
    if (exitCode !== undefined) throw new Error(`the container ended: ${output}`);
    return output.includes("administration");
  }

  /** In the container beside the gateway, as `docker exec` does it. */
  function execute(words: readonly string[]): { readonly status: number | null; readonly output: string } {
    const entered = [`--mount=/proc/${String(host.pid)}/ns/mnt`, "--", ...inside(built, words)];
    const env = { PATH: process.env["PATH"], BAILIWICK_ADMIN_URL: `http://${admin}` };
    const done = spawnSync("nsenter", entered, { encoding: "utf8", env, timeout: 20_000 });
    return { status: done.status, output: `${done.stdout}${done.stderr}` };
  }

  const node = (script: string) => execute([built.command[0] ?? "", "-e", script]);

  it("has no shell and no package manager", () => {
    const shells = ["/bin/sh", "/bin/bash", "/usr/bin/sh", "/usr/bin/env", "/usr/local/bin/npm", "/usr/bin/apt-get"];
    expect(node(`console.log(${JSON.stringify(shells)}.filter((path) => require("fs").existsSync(path)))`)).toEqual({
      status: 0,
      output: "[]\n",
    });
    expect(execute(["/bin/sh", "-c", "true"]).status).not.toBe(0);
  });

  it("is healthy, and says so by itself", () => {
    expect(execute(built.healthcheck)).toEqual({ status: 0, output: "ready\n" });
  });

  it("runs as nobody, without a way back", () => {
    const status = gatewayStatus(host.pid ?? 0);
    expect(/^Uid:\t(.*)$/m.exec(status)?.[1]).toBe(`${UID}\t${UID}\t${UID}\t${UID}`);
    expect(/^Groups:\t(.*)$/m.exec(status)?.[1]?.trim()).toBe("");
    expect(/^CapEff:\t(.*)$/m.exec(status)?.[1]).toBe("0000000000000000");
    expect(/^NoNewPrivs:\t(.*)$/m.exec(status)?.[1]).toBe("1");
  });

  it("can write to its volume and to nothing else", () => {
    const script = (paths: readonly string[]) =>
      `console.log(${JSON.stringify(paths)}.filter((path) => { try { require("fs").writeFileSync(path + "/x", ""); require("fs").unlinkSync(path + "/x"); return true; } catch { return false; } }).join())`;
    const elsewhere = [
      "/",
      "/tmp",
      "/etc",
      "/etc/bailiwick",
      "/opt/bailiwick",
      "/opt/bailiwick/node_modules/bailiwick",
      "/dev",
      "/var",
      "/root",
    ];
    expect(node(script([...elsewhere, "/data"]))).toEqual({ status: 0, output: "/data\n" });
  });

  it("owns its volume, and none of its own code", () => {
    const found = spawnSync(
      "nsenter",
      [`--mount=/proc/${String(host.pid)}/ns/mnt`, "--", "find", built.root, "-xdev", "-uid", String(UID)],
      {
        encoding: "utf8",
      },
    );
    expect({ status: found.status, found: found.stdout }).toEqual({ status: 0, found: `${built.root}/data\n` });
  });

  it("serves governed requests, ends in order on its stop signal, and leaves the ledger in its volume", async () => {
    const port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1]);
    const body = JSON.stringify({ model: MODELS.alpine.vllm, max_tokens: 8, messages: [{ role: "user", content: "hello" }] });
    const ask = (key: string) => raw({ port, pieces: [request({ headers: [bearer(key), "content-type: application/json"], body })] });
    expect([(await ask(KEYS.alpine)).status, (await ask(KEYS.lawless)).status]).toEqual([200, 403]);
    host.kill(built.stopSignal);
    await until("the container has ended", () => exitCode !== undefined);
    expect(exitCode, output).toBe(0);
    expect(readdirSync(dataDir ?? "")).not.toEqual([]);
    expect(settlements(dataDir ?? "")).toMatchObject([{ tenant: "tenant-a", outcome: "served" }]);
  });
});

/** Of the process that the container's host has started. */
function gatewayStatus(pid: number): string {
  const child = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8").trim();
  return readFileSync(`/proc/${child}/status`, "utf8");
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === "object" && bound !== null ? bound.port : 0));
    });
  });
}
