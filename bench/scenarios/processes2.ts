/**
 * What it costs to be two: one process against two that share limits and ledger, each with the same traffic. A rate and no closed loop: in
 * one, whoever is slower gets more requests in each turn of its event loop, and looks cheaper for it.
 */
import { type Alone, startAlone } from "../alone.ts";
import type { Bench, Outcome, Row, Scenario } from "../bench.ts";
import { checkPeer } from "../checks.ts";
import { measure, type Sample, scaledSeconds } from "../comparison.ts";
import { type Load, runLoad } from "../load-client.ts";
import {
  type Column,
  conditionsOf,
  CPU_PER_REQUEST,
  cpuPerRequest,
  FIRST_P50,
  FIRST_P99,
  howOf,
  PER_SECOND,
  RSS_PEAK,
} from "../sample-table.ts";
import { spreadOf } from "../statistics.ts";

const BODY_BYTES = 370;
const CONNECTIONS = 32;
const PER_SECOND_EACH = 400;
const INFLIGHT_MAX = 8_000;
const SECONDS = 8;
const WARM_REQUESTS = 30_000;
const COLUMNS: readonly Column[] = [CPU_PER_REQUEST, PER_SECOND, FIRST_P50, FIRST_P99, RSS_PEAK];
const SIZES = [1, 2] as const;

export const processes2: Scenario = { name: "processes2", run };

interface Measured {
  readonly processes: number;
  readonly sample: Sample;
}

async function run(bench: Bench): Promise<Outcome> {
  const all: Measured[] = [];
  const gateways = await started(bench);
  try {
    for (let round = 1; round <= bench.options.rounds; round++) all.push(...(await roundOf(bench, gateways, round)));
  } finally {
    await Promise.all([...gateways.values()].map((gateway) => gateway.stop()));
  }
  return outcomeOf(bench, all);
}

/** Both at once, each warm: what disturbs the machine disturbs them alike. */
async function started(bench: Bench): Promise<ReadonlyMap<number, Alone>> {
  const gateways = new Map<number, Alone>();
  for (const processes of SIZES) {
    const gateway = await startAlone(bench, ["--processes", String(processes)]);
    gateways.set(processes, gateway);
    await checkPeer(gateway.gateway);
    const requests = Math.ceil(WARM_REQUESTS * processes * Math.min(1, bench.options.scale));
    await runLoad(bench.tools.load, gateway.gateway, {
      mode: "closed",
      connections: CONNECTIONS * processes,
      requests,
      bodyBytes: BODY_BYTES,
    });
  }
  return gateways;
}

/** Each round begins with the other one. */
async function roundOf(bench: Bench, gateways: ReadonlyMap<number, Alone>, round: number): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const processes of round % 2 === 0 ? SIZES.toReversed() : SIZES) {
    const gateway = gateways.get(processes);
    if (gateway === undefined) continue;
    const sample = await measure(bench, { peers: gateway, peer: gateway.gateway, round, load: loadOf(processes, bench.options.scale) });
    measured.push({ processes, sample });
    bench.note(`  round ${String(round)}  ${nameOf(processes)}  ${cpuPerRequest(sample)?.toFixed(1) ?? "?"} µs CPU a request`);
  }
  return measured;
}

function loadOf(processes: number, scale: number): Load {
  const seconds = scaledSeconds(SECONDS, scale);
  return { mode: "open", perSecond: PER_SECOND_EACH * processes, inflightMax: INFLIGHT_MAX, seconds, bodyBytes: BODY_BYTES };
}

function outcomeOf(bench: Bench, all: readonly Measured[]): Outcome {
  const of = (processes: number): readonly Sample[] => all.filter((one) => one.processes === processes).map(({ sample }) => sample);
  const [one, two] = [of(1), of(2)];
  const ratios = one.map((sample) => {
    const [alone, shared] = [cpuPerRequest(sample), two.find(({ round }) => round === sample.round)].map((each) =>
      typeof each === "object" ? cpuPerRequest(each) : each,
    );
    return alone === undefined || shared === undefined ? undefined : shared / alone;
  });
  const spread = spreadOf(ratios);
  const conditions = conditionsOf([...one, ...two], PER_SECOND);
  const how = { seconds: SECONDS, what: "CPU a request of two processes and their parent against one process", conditions };
  return {
    title: `Two processes against one: 370 B body, ${String(PER_SECOND_EACH)} requests a second for each process`,
    figures: spread === undefined ? [] : [{ key: "processes2.cpu_ratio", value: spread.median, how: howOf(bench, { ...how, spread }) }],
    columns: COLUMNS.map(({ title }) => title),
    rows: [rowOf(1, one), rowOf(2, two)],
    remarks: [
      "Limits, budget and ledger are shared; the parent's CPU, which folds the journals, is counted. The same traffic dealt out to two costs more a request: each turn of an event loop carries fewer of them.",
    ],
  };
}

function rowOf(processes: number, samples: readonly Sample[]): Row {
  return { name: nameOf(processes), cells: COLUMNS.map(({ of }) => spreadOf(samples.map(of)) ?? null) };
}

function nameOf(processes: number): string {
  return processes === 1 ? "one process" : `${String(processes)} processes`;
}
