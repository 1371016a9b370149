/** A caller leaves: how soon our side of its engine's connection is closed, so that the engine can stop generating for nobody. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Outcome, Row, Scenario } from "../bench.ts";
import { RawStream } from "../raw-stream.ts";
import { frameOf } from "../scripted-engine.ts";
import { spreadOf } from "../statistics.ts";
import { startTwoEngines } from "../two-engines.ts";

const CANCELS_OF_EACH = 150;
const ABREAST = 15;
const FRAME_MS = 10;
const WAIT_MS_MAX = 5_000;

const WAYS = [
  { name: "FIN within the stream", how: "FIN", streams: true },
  { name: "RST within the stream", how: "RST", streams: true },
  { name: "FIN before the first byte", how: "FIN", streams: false },
  { name: "RST before the first byte", how: "RST", streams: false },
] as const;

type Way = (typeof WAYS)[number];

export const cancel: Scenario = { name: "cancel", run };

/** The engine's side: when each request came, and when its connection was gone. */
class Watched {
  readonly #arrived = new Map<string, PromiseWithResolvers<void>>();
  readonly #closed = new Map<string, PromiseWithResolvers<number>>();

  answer(response: ServerResponse, marker: string): void {
    response.once("close", () => this.closed(marker).resolve(performance.now()));
    this.arrived(marker).resolve();
    if (marker.startsWith("silent")) return;
    response.writeHead(200, { "content-type": "text/event-stream" });
    const timer = setInterval(() => response.write(frameOf("word")), FRAME_MS);
    response.once("close", () => clearInterval(timer));
  }

  arrived(marker: string): PromiseWithResolvers<void> {
    return entry(this.#arrived, marker);
  }

  closed(marker: string): PromiseWithResolvers<number> {
    return entry(this.#closed, marker);
  }
}

function entry<T>(map: Map<string, PromiseWithResolvers<T>>, key: string): PromiseWithResolvers<T> {
  const known = map.get(key) ?? Promise.withResolvers<T>();
  map.set(key, known);
  return known;
}

async function run(bench: Bench): Promise<Outcome> {
  const watched = new Watched();
  const two = await startTwoEngines(bench.installed, (response, marker) => watched.answer(response, marker));
  const count = Math.max(ABREAST, Math.ceil(CANCELS_OF_EACH * bench.options.scale));
  try {
    const rows: Row[] = [];
    const all: number[] = [];
    for (const way of WAYS) {
      const taken = await cancelMany(two.ports.gateway, watched, { way, count });
      all.push(...taken);
      rows.push({ name: way.name, cells: [exactly(quantile(taken, 0.5)), exactly(quantile(taken, 0.99)), exactly(Math.max(...taken))] });
    }
    const how = `${String(all.length)} cancels, ${String(ABREAST)} abreast, counted on the engine's side of the connection; gateway from ${bench.installed.how}, Node ${process.versions.node}`;
    return {
      title: "Callers who leave",
      figures: [{ key: "cancel.p99_ms", value: quantile(all, 0.99), how }],
      columns: ["p50 ms", "p99 ms", "most ms"],
      rows,
      remarks: ["From the caller's FIN or RST to the close of the gateway's connection to the engine. Caller and engines share a process."],
    };
  } finally {
    await two.stop();
  }
}

async function cancelMany(port: number, watched: Watched, { way, count }: { way: Way; count: number }): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let done = 0; done < count; done += ABREAST) {
    const markers = Array.from({ length: ABREAST }, (_, at) => `${way.streams ? "stream" : "silent"}-${way.how}-${String(done + at)}`);
    taken.push(...(await Promise.all(markers.map((marker, at) => cancelOne(new RawStream(port, marker), watched, { marker, way, at })))));
  }
  return taken;
}

/** @returns milliseconds. @throws Error when the engine is not let go within WAIT_MS_MAX */
async function cancelOne(
  stream: RawStream,
  watched: Watched,
  { marker, way, at }: { readonly marker: string; readonly way: Way; readonly at: number },
): Promise<number> {
  await (way.streams ? stream.begun() : watched.arrived(marker).promise);
  // Not all in one turn, and not in step with the frames.
  await sleep(at * 3 + 1);
  const leftMs = performance.now();
  stream.leave(way.how);
  const closedMs = await Promise.race([watched.closed(marker).promise, sleep(WAIT_MS_MAX, undefined, { ref: false })]);
  if (closedMs === undefined) throw new Error(`the engine still answers a caller that left by ${way.name}`);
  return Math.max(0, closedMs - leftMs);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const exactly = (value: number) => spreadOf([value]) ?? null;
