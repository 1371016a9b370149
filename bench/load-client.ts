/** Runs the load client and reads what it measured. A load with one failed request is no measurement. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import type { Peer } from "./peers.ts";

const distribution = z.object({ n: z.number(), p50: z.number(), p99: z.number(), p999: z.number(), max: z.number() });
const report = z.object({
  seconds: z.number(),
  ok: z.number(),
  failed: z.number(),
  dropped: z.number(),
  errors: z.record(z.string(), z.number()).optional(),
  per_second: z.number(),
  chunks: z.number(),
  with_usage: z.number(),
  first_ms: distribution,
  total_ms: distribution,
  delay_ms: distribution,
  inflight_peak: z.number(),
  body_bytes: z.number(),
});

export type LoadReport = z.infer<typeof report>;

/** What is asked, how often, for how long. */
export interface Load {
  readonly mode: "open" | "closed";
  /** closed: connections, each one request after another. */
  readonly connections?: number;
  /** open: requests a second, whatever becomes of them. */
  readonly perSecond?: number;
  /** Either the time in which requests start, or their exact number. */
  readonly seconds?: number;
  readonly requests?: number;
  /** undefined: a JSON answer. */
  readonly stream?: { readonly chunks: number; readonly intervalUs: number; readonly stamped: boolean } | undefined;
  readonly bodyBytes: number;
  readonly inflightMax?: number;
}

const LONGEST_MS = 300_000;
const REQUEST_SECONDS_MAX = 60;
const run = promisify(execFile);

/** @throws Error when a request failed, was dropped, or lacks its usage */
export async function runLoad(program: string, peer: Peer, load: Load): Promise<LoadReport> {
  const { stdout } = await run(program, loadArgs(peer, load), { timeout: LONGEST_MS, maxBuffer: 1 << 20 });
  const measured = report.parse(JSON.parse(stdout));
  const { ok, failed, dropped, with_usage: withUsage } = measured;
  if (failed > 0 || dropped > 0 || ok === 0)
    throw new Error(
      `${peer.name}: ${String(ok)} answered, ${String(failed)} failed, ${String(dropped)} dropped ${JSON.stringify(measured.errors ?? {})}`,
    );
  if (withUsage !== ok) throw new Error(`${peer.name}: only ${String(withUsage)} of ${String(ok)} answers had their usage`);
  return measured;
}

function loadArgs(peer: Peer, load: Load): string[] {
  const { stream } = load;
  const values: Readonly<Record<string, string | number | boolean | undefined>> = {
    url: peer.url,
    key: peer.key,
    model: peer.model,
    mode: load.mode,
    stream: stream !== undefined,
    conns: load.connections,
    rate: load.perSecond,
    dur: load.seconds === undefined ? undefined : `${String(load.seconds)}s`,
    n: load.requests,
    chunks: stream?.chunks,
    "interval-us": stream?.intervalUs,
    stamp: stream?.stamped ?? false,
    "body-bytes": load.bodyBytes,
    "max-inflight": load.inflightMax,
    timeout: `${String(REQUEST_SECONDS_MAX)}s`,
  };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`-${name}=${String(value)}`]));
}
