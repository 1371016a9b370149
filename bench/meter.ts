/** What a process tree costs between two instants: CPU, memory, and how disturbed the machine was meanwhile. */
import { availableParallelism, loadavg } from "node:os";
import { cpuNsOf, machineTicks, rssBytesOf, treeOf } from "./proc.ts";

const SAMPLE_MS = 100;

export interface Reading {
  /** CPU of the whole tree, microseconds. */
  readonly cpuUs: number;
  readonly rssStartBytes: number;
  readonly rssPeakBytes: number;
  /** One-minute load average at the end. */
  readonly loadAverage: number;
  /** Cores that the hypervisor gave to others, on average. */
  readonly stolenCores: number;
}

export class Meter {
  readonly #root: number;
  readonly #startNs: ReadonlyMap<number, number>;
  readonly #startTicks = machineTicks();
  readonly #rssStartBytes: number;
  readonly #sampler: NodeJS.Timeout;
  #rssPeakBytes: number;

  /** Starts to measure. */
  constructor(root: number) {
    this.#root = root;
    this.#startNs = new Map(treeOf(root).map((pid) => [pid, cpuNsOf(pid)]));
    this.#rssStartBytes = treeRss(root);
    this.#rssPeakBytes = this.#rssStartBytes;
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  stop(): Reading {
    clearInterval(this.#sampler);
    this.#sample();
    const cpuNs = treeOf(this.#root).reduce((total, pid) => total + cpuNsOf(pid) - (this.#startNs.get(pid) ?? 0), 0);
    const ticks = machineTicks();
    const share = (ticks.stolen - this.#startTicks.stolen) / Math.max(1, ticks.all - this.#startTicks.all);
    return {
      cpuUs: cpuNs / 1_000,
      rssStartBytes: this.#rssStartBytes,
      rssPeakBytes: this.#rssPeakBytes,
      loadAverage: loadavg()[0] ?? 0,
      stolenCores: share * availableParallelism(),
    };
  }

  #sample(): void {
    this.#rssPeakBytes = Math.max(this.#rssPeakBytes, treeRss(this.#root));
  }
}

/** Resident memory of a tree, bytes. */
export function treeRss(root: number): number {
  return treeOf(root).reduce((total, pid) => total + rssBytesOf(pid), 0);
}

/** CPU of a tree since its start, microseconds. */
export function treeCpuUs(root: number): number {
  return treeOf(root).reduce((total, pid) => total + cpuNsOf(pid), 0) / 1_000;
}
