/** Many streams open at once, in processes that have done nothing else: what each of them holds in memory. */
import type { Bench, Outcome, Scenario } from "../bench.ts";
import { measure, type Sample } from "../comparison.ts";
import { checkPeer } from "../checks.ts";
import { type Load, runLoad } from "../load-client.ts";
import { openFilesMax } from "../proc.ts";
import { type Column, CPU_PER_FRAME, DELAY_P99, FIRST_P99, RSS_PEAK, tableOf } from "../sample-table.ts";

const BODY_BYTES = 370;
const OPENED_PER_SECOND = 500;
const INTERVAL_S = 2;
const WARM_UP: Load = {
  mode: "closed",
  connections: 4,
  requests: 200,
  stream: { chunks: 4, intervalUs: 0, stamped: true },
  bodyBytes: BODY_BYTES,
};
/** Sockets on both sides of a stream, and everything else that a process has open. */
const FILES_PER_STREAM = 2;
const OTHER_FILES = 500;

const MEMORY: Column = {
  title: "KiB a stream",
  of: ({ report, reading }) =>
    reading === undefined ? undefined : (reading.rssPeakBytes - reading.rssStartBytes) / 1_024 / report.inflight_peak,
};
const AT_ONCE: Column = { title: "open at once", of: ({ report }) => report.inflight_peak };

export const streams: Scenario = { name: "streams", run };

async function run(bench: Bench): Promise<Outcome> {
  const possible = Math.floor((openFilesMax() - OTHER_FILES) / FILES_PER_STREAM);
  const count = Math.min(bench.options.streams, possible);
  const samples = await samplesOf(bench, loadOf(count, bench.options.scale));
  const fewer =
    count < bench.options.streams ? [`Only ${String(count)} streams: a process may open ${String(openFilesMax())} files here.`] : [];
  return {
    title: `${String(count)} streams open at once`,
    figures: [],
    ...tableOf(samples, [MEMORY, AT_ONCE, RSS_PEAK, CPU_PER_FRAME, FIRST_P99, DELAY_P99]),
    remarks: ["One round, each process new: a heap that earlier load has grown would hide what a stream takes.", ...fewer],
  };
}

/** Lasts until all have been opened, and a little longer. */
function loadOf(count: number, scale: number): Load {
  const intervalS = INTERVAL_S * Math.min(1, scale);
  const chunks = Math.ceil(count / OPENED_PER_SECOND / intervalS) + 3;
  const stream = { chunks, intervalUs: Math.ceil(intervalS * 1e6), stamped: true };
  return { mode: "open", perSecond: OPENED_PER_SECOND, requests: count, stream, bodyBytes: BODY_BYTES, inflightMax: count };
}

async function samplesOf(bench: Bench, load: Load): Promise<readonly Sample[]> {
  const peers = await bench.freshPeers();
  try {
    const samples: Sample[] = [];
    for (const peer of peers.all) {
      await checkPeer(peer);
      await runLoad(bench.tools.load, peer, WARM_UP);
      samples.push(await measure(bench, { peers, peer, round: 1, load }));
      bench.note(`  ${peer.name}: ${String(samples.at(-1)?.report.inflight_peak ?? 0)} open at once`);
    }
    return samples;
  } finally {
    await peers.stop();
  }
}
