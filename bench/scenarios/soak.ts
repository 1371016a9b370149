/** Ten minutes of everything at once: memory that still grows after the first two is a leak. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Alone, startAlone } from "../alone.ts";
import type { Bench, Outcome, Scenario } from "../bench.ts";
import { checkPeer, settledOf } from "../checks.ts";
import { type Load, runLoad } from "../load-client.ts";
import { treeRss } from "../meter.ts";
import { median } from "../statistics.ts";

const SECONDS = 600;
const SETTLING_SHARE = 0.2;
/** Memory is compared between the minute that follows the settling and the last one. */
const COMPARED_SHARE = 0.1;
const TURN_SECONDS = 10;
const SAMPLE_MS_MAX = 1_000;
const MIB = 1 << 20;

/** What runs side by side, again and again. */
const MIX: readonly Omit<Load, "seconds">[] = [
  { mode: "closed", connections: 8, bodyBytes: 370 },
  { mode: "closed", connections: 4, bodyBytes: 370, stream: { chunks: 64, intervalUs: 0, stamped: true } },
  { mode: "open", perSecond: 20, inflightMax: 200, bodyBytes: 2_000, stream: { chunks: 100, intervalUs: 20_000, stamped: true } },
  { mode: "open", perSecond: 4, inflightMax: 50, bodyBytes: 205_000 },
];

export const soak: Scenario = { name: "soak", run };

interface Point {
  /** 0 to 1. */
  readonly share: number;
  readonly rssBytes: number;
}

async function run(bench: Bench): Promise<Outcome> {
  const gateway = await startAlone(bench);
  try {
    await checkPeer(gateway.gateway);
    const { points, requests } = await soaked(bench, gateway);
    const { requests: settled } = await settledOf(gateway.gateway);
    if (settled < requests) throw new Error(`the ledger settled ${String(settled)} of ${String(requests)} requests`);
    return outcomeOf(bench, points, requests);
  } finally {
    await gateway.stop();
  }
}

async function soaked(bench: Bench, gateway: Alone): Promise<{ readonly points: readonly Point[]; readonly requests: number }> {
  const seconds = SECONDS * bench.options.scale;
  const startedMs = performance.now();
  const share = (): number => (performance.now() - startedMs) / (seconds * 1_000);
  const points: Point[] = [];
  let over = false;
  const watching = (async () => {
    for (; !over; await sleep(Math.min(SAMPLE_MS_MAX, seconds * 10)))
      points.push({ share: share(), rssBytes: treeRss(gateway.gateway.pid) });
  })();
  let requests = 0;
  try {
    while (share() < 1) {
      const turn = Math.min(TURN_SECONDS, Math.max(0.5, seconds / 10));
      const reports = await Promise.all(MIX.map((load) => runLoad(bench.tools.load, gateway.gateway, { ...load, seconds: turn })));
      requests += reports.reduce((sum, { ok }) => sum + ok, 0);
      gateway.forget();
      bench.note(
        `  ${String(Math.round(share() * 100))} %  ${String(requests)} requests  ${String(Math.round((points.at(-1)?.rssBytes ?? 0) / MIB))} MiB`,
      );
    }
  } finally {
    over = true;
    await watching;
  }
  return { points, requests };
}

function outcomeOf({ installed, options }: Bench, points: readonly Point[], requests: number): Outcome {
  const end = points.at(-1)?.share ?? 1;
  const between = (from: number, until: number): number =>
    median(points.filter(({ share }) => share >= from * end && share <= until * end).map(({ rssBytes }) => rssBytes));
  const [early, late] = [between(SETTLING_SHARE, SETTLING_SHARE + COMPARED_SHARE), between(1 - COMPARED_SHARE, 1)];
  const value = (late / early - 1) * 100;
  const seconds = Math.round(SECONDS * options.scale);
  const one = (mib: number) => ({ median: mib, low: mib, high: mib });
  return {
    title: `Soak: ${String(seconds)} s of small and large requests, fast and paced streams at once`,
    figures: [
      {
        key: "soak.growth",
        value,
        how: `median resident memory of the last tenth against the tenth behind the first fifth, ${String(seconds)} s, ${String(requests)} requests; gateway from ${installed.how}`,
      },
    ],
    columns: ["MiB after a fifth", "MiB at the end", "peak MiB", "requests"],
    rows: [
      {
        name: "bailiwick",
        cells: [one(early / MIB), one(late / MIB), one(Math.max(...points.map((p) => p.rssBytes)) / MIB), one(requests)],
      },
    ],
    remarks: ["Every request was settled."],
  };
}
