/** The Worker beside the Node entry: how large it is, and what a paced chat stream costs in workerd, its object and its database included. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { publication } from "../../scripts/worker-configuration.ts";
import { buildWorker, missingWorkerd, type Bundle } from "../../scripts/worker-bundle.ts";
import { ask } from "../ask.ts";
import { type Bench, NotRun, type Outcome, type Scenario } from "../bench.ts";
import { Child } from "../child.ts";
import { freePorts } from "../free-ports.ts";
import { configuration, KEY, MODEL, startGateway } from "../gateway.ts";
import { untilIdle } from "../idle.ts";
import { type Load, runLoad } from "../load-client.ts";
import { Meter } from "../meter.ts";
import { chatUrl, type Peer, smallChat, startMock } from "../peers.ts";
import { treeOf } from "../proc.ts";
import { spreadOf } from "../statistics.ts";
import { ROOT } from "../tools.ts";

const KIB = 1_024;
const CONNECTIONS = 64;
const REQUESTS = 256;
const WARM_REQUESTS = 400;
const CHUNKS = 50;
const PACE_US = 20_000;
const START_MS_MAX = 60_000;
/** The object carries settlements over a second after they were made: that is part of the price. */
const HAND_OVER_MS = 1_500;

export const worker: Scenario = { name: "worker", run };

async function run(bench: Bench): Promise<Outcome> {
  const why = missingWorkerd();
  if (why !== undefined) throw new NotRun({ part: "workerd", why });
  const bundle = buildWorker();
  const folder = mkdtempSync(join(roomyFolder(), "bailiwick-worker-"));
  try {
    return outcomeOf(bench, bundle, await measured(bench, bundle, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    bundle.remove();
  }
}

/** In memory where there is such a place: workerd waits for the disk with every hold, the Node entry as it is configured does not. */
function roomyFolder(): string {
  return existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
}

/** CPU of one stream in microseconds, round by round. */
interface Round {
  readonly node: number;
  readonly workerd: number;
}

async function measured(bench: Bench, bundle: Bundle, folder: string): Promise<readonly Round[]> {
  const { tools, installed, options } = bench;
  const [ports, more] = [await freePorts(), await freePorts()];
  const mock = startMock(tools, ports, folder);
  const gateway = startGateway(installed, ports, join(folder, "node"));
  const launched = launch(bundle, { port: more.gateway, yaml: configuration({ ...ports, gateway: more.gateway }), folder });
  try {
    const peers = { node: await peerAt(gateway, ports.gateway), workerd: await peerAt(launched, more.gateway) };
    const load = (requests: number, intervalUs: number): Load => ({
      mode: "closed",
      connections: CONNECTIONS,
      requests: Math.max(CONNECTIONS, Math.ceil(requests * options.scale)),
      stream: { chunks: CHUNKS, intervalUs, stamped: false },
      bodyBytes: 370,
    });
    for (const peer of Object.values(peers)) await runLoad(tools.load, peer, load(WARM_REQUESTS, 0));
    const rounds: Round[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      const cost = async (peer: Peer): Promise<number> => costOf(bench, peer, load(REQUESTS, PACE_US));
      rounds.push({ node: await cost(peers.node), workerd: await cost(peers.workerd) });
      bench.note(`  node ${Math.round(rounds.at(-1)?.node ?? 0)} µs, workerd ${Math.round(rounds.at(-1)?.workerd ?? 0)} µs a stream`);
    }
    return rounds;
  } finally {
    await Promise.all([mock.stop(), gateway.stop(), launched.stop()]);
  }
}

function launch(bundle: Bundle, { port, yaml, folder }: { readonly port: number; readonly yaml: string; readonly folder: string }): Child {
  const { sql } = publication({ file: "bailiwick.yaml", readFile: () => yaml, nowMs: Date.now() });
  const cwd = join(folder, "workerd");
  mkdirSync(cwd);
  const statements = join(cwd, "configuration.sql");
  writeFileSync(statements, sql);
  const args = [join(ROOT, "bench", "worker-launch.ts"), join(bundle.folder, "worker.js"), statements, String(port), cwd];
  return new Child({ file: process.execPath, args, cwd });
}

/** Metered is the last of its tree: workerd itself, not the program that launched it. @throws Error with the last words of what did not start */
async function peerAt(child: Child, port: number): Promise<Peer> {
  const url = chatUrl(port);
  for (const untilMs = performance.now() + START_MS_MAX; child.alive && performance.now() < untilMs; await sleep(50)) {
    const answer = await ask({ url, key: KEY, body: smallChat(MODEL) }).catch(() => undefined);
    if (answer?.status === 200) return { name: "bailiwick", url, key: KEY, model: MODEL, pid: treeOf(child.pid).at(-1) ?? child.pid };
  }
  throw new Error(`no answer from ${url}: ${child.lastWords}`);
}

async function costOf({ tools, idleMs }: Bench, peer: Peer, load: Load): Promise<number> {
  if (peer.pid === undefined) throw new Error("nothing to meter");
  await untilIdle([peer.pid], idleMs);
  const meter = new Meter(peer.pid);
  const { ok } = await runLoad(tools.load, peer, load);
  await sleep(HAND_OVER_MS);
  await untilIdle([peer.pid], idleMs);
  return meter.stop().cpuUs / ok;
}

function outcomeOf({ installed }: Bench, bundle: Bundle, rounds: readonly Round[]): Outcome {
  const ratio = spreadOf(rounds.map(({ node, workerd }) => workerd / node));
  const size = bundle.gzipBytes / KIB;
  const said = `${String(rounds.length)} rounds of ${String(CONNECTIONS)} streams at once, ${String(CHUNKS)} frames 20 ms apart, Node entry from ${installed.how}`;
  const spread = ratio === undefined ? "" : `, ${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}`;
  return {
    title: "The Worker beside the Node entry",
    figures: [
      { key: "worker.bundle_kib", value: size, how: "gzip of what wrangler's dry run would upload" },
      ...(ratio === undefined
        ? []
        : [{ key: "worker.cpu_ratio" as const, value: ratio.median, how: `${said}, the object and D1 included${spread}` }]),
    ],
    columns: ["CPU µs a stream"],
    rows: [
      { name: "node", cells: [spreadOf(rounds.map(({ node }) => node)) ?? null] },
      { name: "workerd", cells: [spreadOf(rounds.map(({ workerd }) => workerd)) ?? null] },
    ],
    remarks: ["Within workerd run the Worker, the object that keeps the gate, and the D1 that settlements are carried to."],
  };
}
