/** Waits until nobody works: what one test left undone must not be charged to the next, and work put off belongs to whoever caused it. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ask } from "./ask.ts";
import { treeCpuUs } from "./meter.ts";
import type { Peers } from "./peers.ts";

/** Of one core. */
const IDLE_SHARE = 0.05;
const IDLE_WAIT_MS_MAX = 20_000;
const mockStats = z.object({ open: z.number() });

/** Returns when each of these process trees did next to nothing for `idleMs`, or when waiting longer makes no sense. */
export async function untilIdle(pids: readonly number[], idleMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < IDLE_WAIT_MS_MAX; waitedMs += idleMs) {
    const before = pids.map(treeCpuUs);
    await sleep(idleMs);
    if (pids.every((pid, index) => treeCpuUs(pid) - (before[index] ?? 0) < IDLE_SHARE * idleMs * 1_000)) return;
  }
}

/** As above, and no stream is open at the mock. @throws Error when streams stay open: somebody leaks them */
export async function untilQuiet(peers: Peers, idleMs: number): Promise<void> {
  const pids = peers.all.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  for (let waitedMs = 0; waitedMs < IDLE_WAIT_MS_MAX; waitedMs += idleMs) {
    await untilIdle(pids, idleMs);
    const { text } = await ask({ url: `http://127.0.0.1:${String(peers.ports.mock)}/stats` });
    if (mockStats.parse(JSON.parse(text)).open === 0) return;
  }
  throw new Error("streams stayed open at the mock after their clients had gone");
}
