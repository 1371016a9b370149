/** Many streams open at once, in processes that have done nothing else: what each of them holds in memory. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Measured, Outcome, Scenario } from "../bench.ts";
import { measure, type Sample } from "../comparison.ts";
import { checkPeer } from "../checks.ts";
import { type Load, runLoad } from "../load-client.ts";
import { treeRss } from "../meter.ts";
import { openFilesMax } from "../proc.ts";
import { type Column, CPU_PER_FRAME, DELAY_P99, FIRST_P99, RSS_PEAK, tableOf } from "../sample-table.ts";

const BODY_BYTES = 370;
const OPENED_PER_SECOND = 500;
const INTERVAL_S = 2;
const RETURN_MS = 60_000;
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
  const { samples, aboveIdle } = await samplesOf(bench, loadOf(count, bench.options.scale));
  const fewer =
    count < bench.options.streams ? [`Only ${String(count)} streams: a process may open ${String(openFilesMax())} files here.`] : [];
  return {
    title: `${String(count)} streams open at once`,
    figures: figuresOf(bench, { samples, aboveIdle, count }),
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

interface Streamed {
  readonly samples: readonly Sample[];
  /** Share by which the gateway's memory is above what it was before, a minute after. */
  readonly aboveIdle: number;
}

async function samplesOf(bench: Bench, load: Load): Promise<Streamed> {
  const peers = await bench.freshPeers();
  try {
    const samples: Sample[] = [];
    let aboveIdle = 0;
    for (const peer of peers.all) {
      await checkPeer(peer);
      await runLoad(bench.tools.load, peer, WARM_UP);
      samples.push(await measure(bench, { peers, peer, round: 1, load }));
      bench.note(`  ${peer.name}: ${String(samples.at(-1)?.report.inflight_peak ?? 0)} open at once`);
      if (peer.name === "bailiwick" && peer.pid !== undefined) aboveIdle = await returned(peer.pid, samples.at(-1), bench.options.scale);
    }
    return { samples, aboveIdle };
  } finally {
    await peers.stop();
  }
}

/** A minute later, nobody having asked anything. */
async function returned(pid: number, sample: Sample | undefined, scale: number): Promise<number> {
  await sleep(RETURN_MS * Math.min(1, scale));
  const idleBytes = sample?.reading?.rssStartBytes ?? 1;
  return treeRss(pid) / idleBytes - 1;
}

/** runLoad has thrown when one stream failed or was cut: what is here was whole. */
function figuresOf(bench: Bench, { samples, aboveIdle, count }: Streamed & { readonly count: number }): readonly Measured[] {
  const own = samples.find(({ peer }) => peer === "bailiwick");
  const kib = own === undefined ? undefined : MEMORY.of(own);
  if (own === undefined || kib === undefined) return [];
  const how = `one round, ${String(count)} streams, a fresh process; gateway from ${bench.installed.how}`;
  return [
    { key: "streams5k.lost", value: count - own.report.ok, how: `streams that did not come to their proper end; ${how}` },
    { key: "streams5k.kb_each", value: kib * 1.024, how: `peak of resident memory above that before, for each; ${how}` },
    {
      key: "streams5k.rss_return",
      value: aboveIdle * 100,
      how: `resident memory ${String(Math.round((RETURN_MS * Math.min(1, bench.options.scale)) / 1_000))} s after the last stream against that before the first; ${how}`,
    },
  ];
}
