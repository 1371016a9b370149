/** Runs one load against all peers in turn, round by round, so that whatever disturbs the machine disturbs them alike. */
import type { Bench } from "./bench.ts";
import { checkMetered, checkPeer, ANSWER_TOKENS, settledOf } from "./checks.ts";
import { untilIdle, untilQuiet } from "./idle.ts";
import { type Load, type LoadReport, runLoad } from "./load-client.ts";
import { Meter, type Reading, treeCpuUs } from "./meter.ts";
import type { Peer, PeerName, Peers } from "./peers.ts";

/** A batch that saves less than this against the best so far shows that nothing more is to be gained. */
const STEADY_SHARE = 0.95;
const WARM_BATCHES_MAX = 12;
/** So many batches in a row that save nothing: one alone may only have met a noisy moment. */
const STEADY_BATCHES = 3;

/** What one peer did in one round. */
export interface Sample {
  readonly peer: PeerName;
  readonly round: number;
  readonly report: LoadReport;
  /** undefined: nothing was in between. */
  readonly reading: Reading | undefined;
}

export interface Compared {
  readonly load: Load;
  /** One batch of what each peer gets before the first round, until it no longer becomes faster. */
  readonly warmUp: Load;
}

/** @throws NotRun; Error when a wrong key passed, an answer was wrong, a request failed, or something was not metered */
export async function compare(bench: Bench, { load, warmUp }: Compared): Promise<readonly Sample[]> {
  const peers = await bench.peers();
  for (const peer of peers.all) {
    await checkPeer(peer);
    const batches = await warm(bench, peer, scaledBatch(warmUp, bench.options.scale));
    bench.note(`  ${peer.name} warm after ${String(batches)} batches`);
  }
  const samples: Sample[] = [];
  for (let round = 1; round <= bench.options.rounds; round++) {
    for (const peer of inTurn(peers.all, round)) {
      const sample = await measure(bench, { peers, peer, round, load: scaled(load, bench.options.scale) });
      samples.push(sample);
      bench.note(lineOf(sample));
    }
  }
  return samples;
}

export interface Measurement {
  readonly peers: Peers;
  readonly peer: Peer;
  readonly round: number;
  readonly load: Load;
}

/** One load against one peer, from quiet to quiet; the gateway's ledger is compared with it afterwards. */
export async function measure(
  { tools, idleMs }: Pick<Bench, "tools" | "idleMs">,
  { peers, peer, round, load }: Measurement,
): Promise<Sample> {
  await untilQuiet(peers, idleMs);
  peers.forget();
  const governed = peer.name === "bailiwick";
  const before = governed ? await settledOf(peer) : undefined;
  const meter = peer.pid === undefined ? undefined : new Meter(peer.pid);
  let reading: Reading | undefined;
  let report: LoadReport;
  try {
    report = await runLoad(tools.load, peer, load);
    if (peer.pid !== undefined) await untilIdle([peer.pid], idleMs);
  } finally {
    reading = meter?.stop();
  }
  if (before !== undefined)
    checkMetered({ before, after: await settledOf(peer), requests: report.ok, completionTokensEach: load.stream?.chunks ?? ANSWER_TOKENS });
  return { peer: peer.name, round, report, reading };
}

/** Each round begins with another peer: none always comes first. */
function inTurn(all: readonly Peer[], round: number): readonly Peer[] {
  const first = (round - 1) % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

/** Rounded to what a reader wants to see of it. */
export function scaledSeconds(seconds: number, scale: number): number {
  return Number((seconds * scale).toPrecision(3));
}

function scaled(load: Load, scale: number): Load {
  return load.seconds === undefined ? load : { ...load, seconds: scaledSeconds(load.seconds, scale) };
}

/** Half the time is enough to be warm; below that, warmth does not matter. */
function scaledBatch(load: Load, scale: number): Load {
  return { ...load, requests: Math.ceil((load.requests ?? 1) * Math.min(1, 2 * scale)) };
}

/** A compiler goes on for tens of thousands of requests: warm is who no longer gets cheaper. Gives the number of batches. */
async function warm({ tools }: Bench, peer: Peer, batch: Load): Promise<number> {
  let cheapestUs = Number.POSITIVE_INFINITY;
  let steady = 0;
  for (let batches = 1; ; batches++) {
    const beforeUs = peer.pid === undefined ? 0 : treeCpuUs(peer.pid);
    await runLoad(tools.load, peer, batch);
    const usedUs = peer.pid === undefined ? 0 : treeCpuUs(peer.pid) - beforeUs;
    steady = usedUs >= cheapestUs * STEADY_SHARE ? steady + 1 : 0;
    if (steady === STEADY_BATCHES || batches === WARM_BATCHES_MAX || peer.pid === undefined) return batches;
    cheapestUs = Math.min(cheapestUs, usedUs);
  }
}

function lineOf({ peer, round, report, reading }: Sample): string {
  const cpu = reading === undefined ? "" : `  ${(reading.cpuUs / report.ok).toFixed(1)} µs CPU a request`;
  return `  round ${String(round)}  ${peer.padEnd(9)}  ${report.per_second.toFixed(0).padStart(6)}/s  first p50 ${report.first_ms.p50.toFixed(2)} ms${cpu}`;
}
