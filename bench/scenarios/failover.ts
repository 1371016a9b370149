/** An engine is killed under load and comes back: how long its callers wait, and how long it stands idle. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Outcome, Scenario } from "../bench.ts";
import { RawStream } from "../raw-stream.ts";
import { type ScriptedEngine, shortStream } from "../scripted-engine.ts";
import { median, spreadOf } from "../statistics.ts";
import { startTwoEngines, type TwoEngines } from "../two-engines.ts";

const CALLERS = 16;
const ROUNDS = 3;
const WARM_UP_MS = 1_000;
/** Long enough for every breaker and probe to have its say. */
const DEAD_MS = 6_000;
const POLL_MS = 2;
const RECOVERY_MS_MAX = 30_000;

export const failover: Scenario = { name: "failover", run };

interface Round {
  readonly failoverS: number;
  readonly recoveredS: number;
  /** Milliseconds to the first byte while all was well. */
  readonly usualMs: number;
}

/** Callers who ask again as soon as they are answered. */
class Callers {
  #running = true;
  readonly streams: RawStream[] = [];
  readonly #port: number;
  readonly #all: Promise<unknown>;

  constructor(port: number) {
    this.#port = port;
    this.#all = Promise.all(Array.from({ length: CALLERS }, (_, at) => this.#ask(at)));
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#all;
  }

  async #ask(caller: number): Promise<void> {
    for (let n = 0; this.#running; n += 1) {
      const stream = new RawStream(this.#port, `caller-${String(caller)}-${String(n)}`);
      this.streams.push(stream);
      await stream.ended();
    }
  }
}

async function run(bench: Bench): Promise<Outcome> {
  const two = await startTwoEngines(bench.installed, (response) => shortStream(response));
  const rounds: Round[] = [];
  try {
    for (let round = 0; round < (bench.options.scale < 0.5 ? 1 : ROUNDS); round += 1) {
      rounds.push(await killAndRevive(two, bench.options.scale));
      const { failoverS, recoveredS } = rounds.at(-1) ?? { failoverS: 0, recoveredS: 0 };
      bench.note(`  ${failoverS.toFixed(3)} s, back after ${recoveredS.toFixed(2)} s`);
    }
  } finally {
    await two.stop();
  }
  const worst = (of: (round: Round) => number): number => Math.max(...rounds.map(of));
  const how = `worst of ${String(rounds.length)} kills under ${String(CALLERS)} callers, all requests answered; gateway from ${bench.installed.how}, Node ${process.versions.node}`;
  const cells = [
    spreadOf(rounds.map(({ usualMs }) => usualMs)),
    spreadOf(rounds.map(({ failoverS }) => failoverS)),
    spreadOf(rounds.map(({ recoveredS }) => recoveredS)),
  ];
  return {
    title: "An engine killed, and back again",
    figures: [
      { key: "failover.s", value: worst(({ failoverS }) => failoverS), how },
      { key: "failover.recovered_s", value: worst(({ recoveredS }) => recoveredS), how },
    ],
    columns: ["usual first byte ms", "longest first byte s", "used again after s"],
    rows: [{ name: `bailiwick (${bench.installed.how})`, cells: cells.map((cell) => cell ?? null) }],
    remarks: ["The longest wait is over all requests that were open without a first byte at the kill or sent in the time after it."],
  };
}

async function killAndRevive({ ports, engines: [victim] }: TwoEngines, scale: number): Promise<Round> {
  const callers = new Callers(ports.gateway);
  await sleep(WARM_UP_MS);
  const before = callers.streams.length;
  const killedMs = performance.now();
  victim.kill();
  await sleep(Math.max(1_500, DEAD_MS * Math.min(1, scale)));
  const recoveredS = await usedAgain(victim);
  await callers.stop();
  const usual = callers.streams.slice(0, before - CALLERS).map(({ firstByteMs }) => firstByteMs ?? 0);
  return { failoverS: longestWait(callers.streams, killedMs) / 1_000, recoveredS, usualMs: median(usual) };
}

/** Seconds from its start to its next request. */
async function usedAgain(engine: ScriptedEngine): Promise<number> {
  const before = engine.requests;
  await engine.start();
  const startedMs = performance.now();
  while (engine.requests === before) {
    if (performance.now() - startedMs > RECOVERY_MS_MAX) throw new Error("the engine that came back was never used again");
    await sleep(POLL_MS);
  }
  return (performance.now() - startedMs) / 1_000;
}

/** Milliseconds that a caller waited for its first byte after the kill. @throws Error when one got none, or an error instead */
function longestWait(streams: readonly RawStream[], killedMs: number): number {
  let longest = 0;
  for (const { sentMs, firstByteMs, status, text } of streams) {
    if (status !== 200) throw new Error(`a request without a first byte was lost: ${text.slice(0, 300) || "no answer"}`);
    const firstMs = sentMs + (firstByteMs ?? Infinity);
    if (firstMs > killedMs) longest = Math.max(longest, firstMs - Math.max(sentMs, killedMs));
  }
  return longest;
}
