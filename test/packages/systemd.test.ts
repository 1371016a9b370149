/** The systemd unit: that systemd takes it, how much it leaves open, and that the gateway can live with what it closes. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/parts.ts";
import { BOUNDS } from "../../src/bounds.ts";
import { type Engines, startEngines } from "../edge/support/engines.ts";
import { ADMIN_ENV, ADMIN_KEY, estateYaml, KEYS, MODELS } from "../edge/support/estate.ts";
import { bearer, raw, request } from "../edge/support/raw.ts";
import { until } from "../edge/support/until.ts";
import { describeWith, has, isRoot } from "./support/lacking.ts";

const UNIT = join(ROOT, "packaging", "systemd", "bailiwick.service");
const text = readFileSync(UNIT, "utf8");
/** Of ten; below two systemd itself is content. In tenths, as it wants to be told. */
const EXPOSURE_TENTHS_MAX = 15;
const START_MS_MAX = 60_000;

const settings = (name: string): readonly string[] =>
  Array.from(text.matchAll(new RegExp(`^${name}=(.*)$`, "gm")), ([, value = ""]) => value);

describe("the unit", () => {
  it("has patience for a drain", () => {
    const drainMs = BOUNDS.drainMsMax + BOUNDS.cutSettleMsMax + BOUNDS.processAnswerMsMax;
    expect(Number(settings("TimeoutStopSec")[0]) * 1000).toBeGreaterThan(drainMs);
  });

  it("lets as many callers in as the gateway does, each with a connection to an engine", () => {
    expect(Number(settings("LimitNOFILE")[0])).toBeGreaterThan(2 * BOUNDS.connectionsMax);
  });

  it("names no secret", () => {
    expect(text).not.toMatch(/^Environment=.*(KEY|TOKEN|SECRET)/m);
  });
});

describeWith("systemd-analyze", has("systemd-analyze") ? undefined : "systemd is not installed", () => {
  const analyse = (...args: string[]) => spawnSync("systemd-analyze", args, { encoding: "utf8", timeout: 20_000 });

  it("finds nothing wrong, save that no gateway is installed here", () => {
    const folder = mkdtempSync(join(tmpdir(), "bailiwick-unit-"));
    const unit = join(folder, "bailiwick.service");
    writeFileSync(unit, text.replace("ExecStart=/opt/bailiwick/bin/node", `ExecStart=${process.execPath}`));
    const { status, stderr } = analyse("verify", "--man=no", unit);
    rmSync(folder, { recursive: true, force: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("sees little that is left open", () => {
    const { status, stdout } = analyse("security", "--no-pager", "--offline=true", `--threshold=${String(EXPOSURE_TENTHS_MAX)}`, UNIT);
    expect({ status, open: stdout.split("\n").filter((line) => line.startsWith("✗")) }).toMatchObject({ status: 0 });
  });
});

describeWith("system calls", has("strace") && has("systemd-analyze") ? undefined : "strace or systemd is not installed", () => {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-calls-"));
  let engines: Engines;
  beforeAll(async () => {
    engines = await startEngines();
    writeFileSync(join(folder, "bailiwick.yaml"), estateYaml({ urls: engines.urls, dataDir: join(folder, "data") }));
  });
  afterAll(async () => {
    await engines.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are those that the unit permits, for all of a gateway's life", { timeout: START_MS_MAX }, async () => {
    const trace = join(folder, "trace");
    const permitted = callsIn(settings("SystemCallFilter"));
    expect(permitted.size).toBeGreaterThan(200);
    // SQLite gives a file to whom it should belong only when it runs as root.
    const fine = [...permitted, ...(isRoot ? ["fchown"] : [])];
    // "?": of another processor, which strace would not know here.
    const strace = ["-f", "-qq", "-o", trace, "-e", `trace=!${fine.map((call) => `?${call}`).join(",")}`, "-e", "signal=none"];
    const program = [process.execPath, join(ROOT, "src", "entry", "node.ts"), "serve", "--config", "bailiwick.yaml", "--processes", "2"];
    const child = spawn("strace", [...strace, "--", ...program], { cwd: folder, env: { ...process.env, [ADMIN_ENV]: ADMIN_KEY } });
    let said = "";
    let ended = false;
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.on("close", () => (ended = true));
    await until("it listens", () => said.includes("administration"), START_MS_MAX);
    const port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
    const body = JSON.stringify({ model: MODELS.alpine.vllm, max_tokens: 8, messages: [{ role: "user", content: "hello" }] });
    const answer = await raw({ port, pieces: [request({ headers: [bearer(KEYS.alpine), "content-type: application/json"], body })] });
    expect(answer.status).toBe(200);
    const gateway = readFileSync(`/proc/${String(child.pid)}/task/${String(child.pid)}/children`, "utf8").trim();
    process.kill(Number(gateway), "SIGTERM");
    await until("it has ended", () => ended, START_MS_MAX);
    expect(new Set(Array.from(readFileSync(trace, "utf8").matchAll(/^\d+ +(\w+)\(/gm), ([, call]) => call))).toEqual(new Set());
  });
});

/** Of the sets that this systemd knows; a set behind "~" is taken away again. */
function callsIn(filters: readonly string[]): ReadonlySet<string> {
  const sets = filterSets();
  const open = (name: string): readonly string[] => (sets.get(name) ?? []).flatMap((each) => (each.startsWith("@") ? open(each) : [each]));
  const calls = new Set(open("@default"));
  for (const filter of filters) {
    for (const call of filter.replace("~", "").split(" ").flatMap(open)) {
      if (filter.startsWith("~")) calls.delete(call);
      else calls.add(call);
    }
  }
  // What every program needs to be started at all cannot be taken away.
  for (const call of open("@default")) calls.add(call);
  return calls;
}

function filterSets(): ReadonlyMap<string, readonly string[]> {
  const { stdout } = spawnSync("systemd-analyze", ["syscall-filter", "--no-pager"], { encoding: "utf8" });
  const blocks = stdout.split(/\n(?=@)/);
  return new Map(
    blocks.map((block) => [block.split("\n")[0]?.trim() ?? "", Array.from(block.matchAll(/^ {4}([@\w]\S*)$/gm), ([, call = ""]) => call)]),
  );
}
