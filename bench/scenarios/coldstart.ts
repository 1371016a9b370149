/** From the start of the process to its first answer: what a restart, a crash or a new replica costs the callers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../ask.ts";
import type { Bench, Outcome, Scenario } from "../bench.ts";
import type { Child } from "../child.ts";
import { freePorts, type Ports } from "../free-ports.ts";
import { KEY, MODEL, startGateway } from "../gateway.ts";
import { chatUrl, smallChat, startMock } from "../peers.ts";
import { spreadOf } from "../statistics.ts";

const STARTS = 5;
const POLL_MS = 2;
const START_MS_MAX = 30_000;
const WORDS_MAX = 300;

export const coldstart: Scenario = { name: "coldstart", run };

async function run(bench: Bench): Promise<Outcome> {
  const { tools, installed, options } = bench;
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-coldstart-"));
  const ports = await freePorts();
  const mock = startMock(tools, ports, folder);
  const starts: number[] = [];
  try {
    await untilAnswered(mock, `http://127.0.0.1:${String(ports.mock)}/health`);
    for (let start = 0; start < (options.scale < 0.5 ? 1 : STARTS); start++) {
      starts.push(await oneStart(bench, ports, join(folder, String(start))));
      bench.note(`  ${String(Math.round(starts.at(-1) ?? 0))} ms`);
    }
  } finally {
    await mock.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const spread = spreadOf(starts);
  const how = `median of ${String(starts.length)} starts from ${installed.how}, spawn to the first 200 of a chat request, Node ${process.versions.node}`;
  return {
    title: "Cold start",
    figures: spread === undefined ? [] : [{ key: "coldstart.ms", value: spread.median, how }],
    columns: ["ms to the first answer"],
    rows: [{ name: `bailiwick (${installed.how})`, cells: [spread ?? null] }],
    remarks: [
      "Each start in an empty folder: the database is made, the configuration read, the law compiled. Files are in the page cache.",
    ],
  };
}

/** Milliseconds from spawn to the first 200. */
async function oneStart({ installed }: Bench, ports: Ports, folder: string): Promise<number> {
  const startedMs = performance.now();
  const gateway = startGateway(installed, ports, folder);
  try {
    await untilAnswered(gateway, chatUrl(ports.gateway), smallChat(MODEL));
    return performance.now() - startedMs;
  } finally {
    await gateway.stop();
  }
}

/** @throws Error with the last words of what did not start */
async function untilAnswered(child: Child, url: string, body?: object): Promise<void> {
  const untilMs = performance.now() + START_MS_MAX;
  let last = "";
  while (child.alive && performance.now() < untilMs) {
    const answer = await ask({ url, key: KEY, body }).catch(() => undefined);
    if (answer?.status === 200) return;
    last = answer?.text ?? last;
    await sleep(POLL_MS);
  }
  throw new Error(`no answer from ${url}: ${child.lastWords} ${last.slice(0, WORDS_MAX)}`);
}
