/** From samples to what is said of them: columns with their spread, ratios of the same round, and how disturbed the run was. */
import type { Bench, Outcome, Row } from "./bench.ts";
import { type Sample, scaledSeconds } from "./comparison.ts";
import { type PeerName, PEER_NAMES } from "./peers.ts";
import { median, noiseOf, type Spread, spreadOf } from "./statistics.ts";

/** undefined: does not apply, or was too short to be measured. */
export interface Column {
  readonly title: string;
  readonly of: (sample: Sample) => number | undefined;
}

const MIB = 1 << 20;

export const CPU_PER_REQUEST: Column = { title: "CPU µs a request", of: cpuPerRequest };
export const CPU_PER_FRAME: Column = {
  title: "CPU µs a frame",
  of: ({ report, reading }) => (reading === undefined ? undefined : reading.cpuUs / report.chunks),
};
export const PER_SECOND: Column = { title: "requests/s", of: ({ report }) => report.per_second };
export const FIRST_P50: Column = { title: "first byte p50 ms", of: ({ report }) => report.first_ms.p50 };
export const FIRST_P99: Column = { title: "first byte p99 ms", of: ({ report }) => report.first_ms.p99 };
export const DELAY_P50: Column = { title: "frame delay p50 ms", of: ({ report }) => report.delay_ms.p50 };
export const DELAY_P99: Column = { title: "frame delay p99 ms", of: ({ report }) => report.delay_ms.p99 };
export const RSS_PEAK: Column = {
  title: "peak RSS MiB",
  of: ({ reading }) => (reading === undefined ? undefined : reading.rssPeakBytes / MIB),
};

export function tableOf(samples: readonly Sample[], columns: readonly Column[]): Pick<Outcome, "columns" | "rows"> {
  const rows = PEER_NAMES.map((name): Row => {
    const own = samples.filter(({ peer }) => peer === name);
    return { name, cells: columns.map(({ of }) => spreadOf(own.map(of)) ?? null) };
  });
  return { columns: columns.map(({ title }) => title), rows };
}

export function cpuPerRequest({ report, reading }: Sample): number | undefined {
  return reading === undefined ? undefined : reading.cpuUs / report.ok;
}

/** The same quantity of two peers in the same round, put together round by round; undefined: no round has both. */
export function paired(samples: readonly Sample[], pair: Pair): Spread | undefined {
  const ofRound = (peer: PeerName, round: number): number | undefined => {
    const sample = samples.find((candidate) => candidate.peer === peer && candidate.round === round);
    return sample === undefined ? undefined : pair.of(sample);
  };
  const rounds = [...new Set(samples.map(({ round }) => round))];
  return spreadOf(
    rounds.map((round) => {
      const [own, other] = [ofRound("bailiwick", round), ofRound(pair.against, round)];
      return own === undefined || other === undefined ? undefined : pair.combine(own, other);
    }),
  );
}

export interface Pair {
  readonly against: PeerName;
  readonly of: Column["of"];
  readonly combine: (own: number, other: number) => number;
}

/** CPU per request against nginx. */
export function cpuRatio(samples: readonly Sample[]): Spread | undefined {
  return paired(samples, { against: "nginx", of: cpuPerRequest, combine: (own, other) => own / other });
}

/** How much to believe: the spread of `direct`, where nothing of ours is in between, and what else the machine did. */
export function conditionsOf(samples: readonly Sample[], noisy: Column): string {
  const direct = samples.flatMap((sample) => (sample.peer === "direct" ? (noisy.of(sample) ?? []) : []));
  const readings = samples.flatMap(({ reading }) => reading ?? []);
  const load = median(readings.map(({ loadAverage }) => loadAverage));
  const stolen = Math.max(...readings.map(({ stolenCores }) => stolenCores));
  const noise =
    direct.length < 2 ? "one round, so no spread is known" : `spread of direct ${(noiseOf(direct) * 100).toFixed(0)} % (${noisy.title})`;
  return `${noise}; load average ${load.toFixed(1)}; at most ${stolen.toFixed(2)} cores stolen`;
}

/** How a figure came about, for its entry in latest.json. */
export function howOf(bench: Bench, { seconds, spread, what, conditions }: How): string {
  const rounds = `median of ${String(bench.options.rounds)} paired rounds of ${String(scaledSeconds(seconds, bench.options.scale))} s`;
  const range = `${spread.low.toFixed(2)} to ${spread.high.toFixed(2)}`;
  return `${rounds}, ${what}, ${range}; gateway from ${bench.installed.how}, Node ${process.versions.node}; ${conditions}`;
}

export interface How {
  /** Of one round, unscaled. */
  readonly seconds: number;
  readonly spread: Spread;
  readonly what: string;
  readonly conditions: string;
}
