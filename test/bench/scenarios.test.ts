/** Each scenario with tiny inputs: a benchmark that is not run with the tests no longer works when it is needed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, NotRun } from "../../bench/bench.ts";
import { checkPeer } from "../../bench/checks.ts";
import { type Load, runLoad } from "../../bench/load-client.ts";
import type { Peer, PeerName } from "../../bench/peers.ts";
import { SCENARIOS } from "../../bench/scenarios.ts";
import { prepareTools } from "../../bench/tools.ts";

const out = mkdtempSync(join(tmpdir(), "bench-scenarios-"));
const bench = new Bench({ options: { only: [], rounds: 1, scale: 0.02, streams: 20, out }, idleMs: 60, note: () => undefined });
const tools = prepareTools();
const missing = "part" in tools ? tools : undefined;
const LONG_MS = 60_000;

if (missing !== undefined) process.stdout.write(`not run: ${missing.part} (${missing.why})\n`);

afterAll(async () => {
  await bench.close();
  rmSync(out, { recursive: true });
}, LONG_MS);

function scenario(name: string) {
  const found = SCENARIOS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

async function peer(name: PeerName): Promise<Peer> {
  const found = (await bench.peers()).all.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no peer ${name}`);
  return found;
}

// In CI a missing part is a failure: then these run, and say which.
describe.skipIf(missing !== undefined && process.env["CI"] !== "true")("beside nginx and direct", { timeout: LONG_MS }, () => {
  it.each([
    ["json", ["json.cpu_ratio_nginx"]],
    ["sse64", ["sse64.cpu_ratio_nginx"]],
    ["paced", ["paced.cpu_ratio_nginx"]],
    ["body200k", ["body200k.cpu_ratio_nginx"]],
    ["ttft", ["ttft.added_p50_ms", "ttft.added_p99_ms"]],
  ])("%s measures all three", async (name, keys) => {
    const { figures, rows } = await scenario(name).run(bench);
    expect(figures.map(({ key }) => key)).toEqual(keys);
    for (const { key, value } of figures) if (key.endsWith("nginx")) expect(value).toBeGreaterThan(0.1);
    expect(rows.map((row) => row.name)).toEqual(["direct", "nginx", "bailiwick"]);
    expect(rows[2]?.cells).not.toContain(null);
  });

  it("streams holds them all open at once", async () => {
    const { columns, rows } = await scenario("streams").run(bench);
    const atOnce = columns.indexOf("open at once");
    expect(rows.map(({ cells }) => cells[atOnce]?.median)).toEqual([20, 20, 20]);
  });

  it("streams says what each took, and whether its memory came back", async () => {
    const { figures } = await scenario("streams").run(bench);
    expect(figures.map(({ key }) => key)).toEqual(["streams5k.lost", "streams5k.kb_each", "streams5k.rss_return"]);
    expect(figures[0]?.value).toBe(0);
  });

  it("processes2 compares one with two", async () => {
    const { figures, rows } = await scenario("processes2").run(bench);
    expect(figures.map(({ key }) => key)).toEqual(["processes2.cpu_ratio"]);
    expect(figures[0]?.value).toBeGreaterThan(0.1);
    expect(rows.map(({ name }) => name)).toEqual(["one process", "2 processes"]);
  });

  it("soak watches memory while everything runs at once", async () => {
    const { figures, rows } = await scenario("soak").run(bench);
    expect(figures.map(({ key }) => key)).toEqual(["soak.growth"]);
    expect(rows[0]?.cells.every((cell) => (cell?.median ?? 0) > 0)).toBe(true);
  });

  it("coldstart starts from nothing", async () => {
    const { figures, rows } = await scenario("coldstart").run(bench);
    expect(figures.map(({ key }) => key)).toEqual(["coldstart.ms"]);
    expect(figures[0]?.value).toBeGreaterThan(20);
    expect(rows[0]?.name).toContain(bench.installed.how);
  });

  it("finds a peer that lets a wrong key pass", async () => {
    const open = { ...(await peer("direct")), key: "sk-anything" };
    await expect(checkPeer(open)).rejects.toThrow("answered a wrong key with 200");
  });

  it("finds a wrong answer", async () => {
    const direct = { ...(await peer("direct")), model: "another" };
    await expect(checkPeer(direct)).rejects.toThrow("direct answered 200");
  });

  it("counts a refused request as failed, and one that may not start as dropped", async () => {
    const load: Load = { mode: "closed", connections: 2, requests: 2, bodyBytes: 370 };
    await expect(runLoad(bench.tools.load, { ...(await peer("bailiwick")), key: "sk-wrong" }, load)).rejects.toThrow(
      /0 answered, 2 failed.*401/,
    );
    const crowded: Load = {
      mode: "open",
      perSecond: 1_000,
      requests: 5,
      inflightMax: 2,
      stream: { chunks: 2, intervalUs: 50_000, stamped: true },
      bodyBytes: 370,
    };
    await expect(runLoad(bench.tools.load, await peer("direct"), crowded)).rejects.toThrow("3 dropped");
  });
});

/** What these two need comes with npm. */
describe.skipIf(process.platform !== "linux")("two engines", { timeout: LONG_MS }, () => {
  it("cancel sees every engine let go", async () => {
    const { figures, rows } = await scenario("cancel").run(bench);
    expect(figures.map(({ key }) => key)).toEqual(["cancel.p99_ms"]);
    expect(figures[0]?.value).toBeGreaterThan(0);
    expect(figures[0]?.value).toBeLessThan(5_000);
    expect(rows.map(({ name }) => name.slice(0, 3))).toEqual(["FIN", "RST", "FIN", "RST"]);
  });

  it("failover loses no request, and finds the engine again", async () => {
    const { figures } = await scenario("failover").run(bench);
    expect(figures.map(({ key }) => key)).toEqual(["failover.s", "failover.recovered_s"]);
    for (const { value } of figures) expect(value).toBeGreaterThan(0);
  });
});

describe("simulation", () => {
  const file = join(out, "simulation.json");

  it("is left out where none ran, or too short a one", async () => {
    await expect(scenario("simulation").run(bench)).rejects.toThrow(NotRun);
    writeFileSync(file, '{"seeds":100,"violations":0}');
    await expect(scenario("simulation").run(bench)).rejects.toThrow("100 seeds");
  });

  it("takes over what was found", async () => {
    writeFileSync(file, '{"seeds":1000,"violations":2}');
    const { figures } = await scenario("simulation").run(bench);
    expect(figures.map(({ key, value }) => [key, value])).toEqual([["simulation.violations_1000_seeds", 2]]);
  });
});
