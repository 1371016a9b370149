/** Engines as processes: started in groups of their own that outlive their starter, found again by a file, and ended whole. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { HOME } from "./home.ts";
import { ENGINE_NAMES, type EngineName, orderOf, prepare, recipeOf } from "./lineup.ts";
import type { Python } from "./python.ts";

const process_ = z.object({
  pid: z.int().positive(),
  startedTicks: z.string(),
  port: z.int(),
  url: z.string(),
  log: z.string(),
  recipe: z.string(),
});
const state = z.partialRecord(z.enum(ENGINE_NAMES), process_);

export type Process = z.infer<typeof process_>;
export type State = z.infer<typeof state>;

/** Imports alone take a loaded machine minutes. */
const READY_MS_MAX = 10 * 60_000;
const ASK_EVERY_MS = 250;
const ASK_MS_MAX = 5_000;
const END_MS_MAX = 20_000;
const LOG_CHARACTERS = 3_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What was started and has not ended since. */
export function running(): State {
  if (!existsSync(HOME.running)) return {};
  const known = state.safeParse(JSON.parse(readFileSync(HOME.running, "utf8"))).data ?? {};
  const living: State = {};
  for (const name of ENGINE_NAMES) {
    const engine = known[name];
    if (engine !== undefined && lives(engine)) living[name] = engine;
  }
  return living;
}

/** Starts one engine. @param port the one that it had before; undefined: a free one */
export async function start(name: EngineName, python: Python, port?: number): Promise<Process> {
  const at = port ?? (await freePort());
  const { program, args, env } = orderOf(name, at, python);
  prepare(name, python);
  mkdirSync(HOME.logs, { recursive: true });
  const log = join(HOME.logs, `${name}.log`);
  const output = openSync(log, "w");
  // Not in the cache itself: Python looks for modules where it runs, and finds a folder named triton.
  const child = spawn(program, args, { env, cwd: HOME.logs, detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  child.unref();
  const pid = child.pid ?? 0;
  const started = { pid, startedTicks: ticksOf(pid) ?? "", port: at, url: `http://127.0.0.1:${at}`, log, recipe: recipeOf(name) };
  remember({ ...running(), [name]: started });
  return started;
}

/** Resolves when it serves, with the seconds that it took. @throws Error with the end of its log */
export async function ready(name: EngineName, engine: Process, python: Python): Promise<number> {
  const { readyPath } = orderOf(name, engine.port, python);
  const startedMs = performance.now();
  while (performance.now() - startedMs < READY_MS_MAX) {
    if (await answers(engine.url + readyPath)) return (performance.now() - startedMs) / 1_000;
    if (!lives(engine)) throw new Error(`${name} ended while it started:\n${endOf(engine.log)}`);
    await pause(ASK_EVERY_MS);
  }
  throw new Error(`${name} does not serve after ${READY_MS_MAX / 60_000} minutes:\n${endOf(engine.log)}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_MS_MAX) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Ends engines and waits until they are gone; those that take more than twenty seconds are killed. */
export async function stop(names: readonly EngineName[] = ENGINE_NAMES): Promise<readonly EngineName[]> {
  const engines = names.flatMap((name) => {
    const engine = running()[name];
    return engine === undefined ? [] : [{ name, engine }];
  });
  for (const { engine } of engines) signal(engine, "SIGTERM");
  const untilMs = performance.now() + END_MS_MAX;
  while (engines.some(({ engine }) => groupLives(engine)) && performance.now() < untilMs) await pause(100);
  // Also where the leader is gone: a worker of a killed engine spins on as an orphan.
  for (const { engine } of engines) signal(engine, "SIGKILL");
  while (engines.some(({ engine }) => lives(engine))) await pause(50);
  remember(running());
  return engines.map(({ name }) => name);
}

/** To all processes of an engine. */
export function signal({ pid }: Process, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended already.
  }
}

function groupLives({ pid }: Process): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** Its number may have been given to another process since: that one started at another time. */
export function lives({ pid, startedTicks }: Process): boolean {
  return ticksOf(pid) === startedTicks;
}

/** When a process started, in the kernel's own count; undefined when it does not run. */
function ticksOf(pid: number): string | undefined {
  try {
    // The name in brackets may hold spaces and brackets of its own.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function remember(engines: State): void {
  writeFileSync(`${HOME.running}.new`, `${JSON.stringify(engines, null, 2)}\n`);
  renameSync(`${HOME.running}.new`, HOME.running);
}

/** Triton takes the next one as well. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function endOf(log: string): string {
  return readFileSync(log, "utf8").slice(-LOG_CHARACTERS);
}
