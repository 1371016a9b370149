/** What Linux tells about processes and the machine in /proc, read as it is needed here: few bytes, no parsing of what is not used. */
import { readFileSync, readdirSync } from "node:fs";

/** sysconf(_SC_CLK_TCK) and the page size of every Linux that Node is built for. */
const TICK_NS = 10_000_000;
const PAGE_BYTES = 4_096;
/** More processes than one peer ever has. */
const TREE_MAX = 256;

/** A process and all that descend from it, itself first. */
export function treeOf(root: number): readonly number[] {
  const tree = [root];
  for (let at = 0; at < tree.length && tree.length < TREE_MAX; at++) tree.push(...childrenOf(tree[at] ?? root));
  return tree;
}

function childrenOf(pid: number): readonly number[] {
  return threadsOf(pid).flatMap((thread) => (read(`/proc/${pid}/task/${thread}/children`) ?? "").split(" ").filter(Boolean).map(Number));
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // It has ended.
  }
}

/**
 * CPU time that a process has used since its start, nanoseconds. Exact where the kernel keeps a run time per thread (a thread that ends takes
 * its time along: no measured peer ends threads under load); else user and system time in ticks of 10 ms.
 */
export function cpuNsOf(pid: number): number {
  let total = 0;
  for (const thread of threadsOf(pid)) {
    const schedule = read(`/proc/${pid}/task/${thread}/schedstat`);
    if (schedule === undefined) return ticksOf(pid) * TICK_NS;
    total += Number(schedule.slice(0, schedule.indexOf(" ")));
  }
  return total;
}

function ticksOf(pid: number): number {
  const text = read(`/proc/${pid}/stat`);
  return text === undefined ? 0 : ticksIn(text);
}

/** User and system ticks of a line of /proc/PID/stat; the command's name may hold blanks and brackets. */
export function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Resident memory, bytes; shared pages count in full. */
export function rssBytesOf(pid: number): number {
  return Number((read(`/proc/${pid}/statm`) ?? "0 0").split(" ")[1]) * PAGE_BYTES;
}

/** Ticks of all cores together since boot. */
export interface MachineTicks {
  readonly stolen: number;
  readonly all: number;
}

export function machineTicks(): MachineTicks {
  return machineTicksIn(read("/proc/stat") ?? "");
}

/** @param stat the text of /proc/stat */
export function machineTicksIn(stat: string): MachineTicks {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, stolen = 0] = stat
    .slice(0, stat.indexOf("\n"))
    .split(/ +/)
    .slice(1)
    .map(Number);
  return { stolen, all: user + nice + system + idle + wait + irq + softIrq + stolen };
}

/** How many files and sockets one process may have open. */
export function openFilesMax(): number {
  const line = (read("/proc/self/limits") ?? "").split("\n").find((candidate) => candidate.startsWith("Max open files"));
  const hard = line?.split(/ {2,}/)[2];
  return hard === undefined ? 1_024 : hard === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(hard);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // The process has ended, or this kernel has no such file.
  }
}
