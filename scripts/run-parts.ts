/** Runs parts two at a time, prints one line each as it ends, and counts what passed and failed. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { ROOT } from "./parts.ts";
import type { Part } from "./parts.ts";

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

const AT_A_TIME = 2;
const PART_MS_MAX = 10 * 60_000;
const POSIX = process.platform !== "win32";
const OUTPUT_CHARACTERS_MAX = 20_000;
/** How a suite says that this machine lacks what it needs. With CI=true it fails too, by a test of its own. */
const NOT_RUN = /^not run: .+$/gm;

const running = new Set<ChildProcess>();

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

/** Runs all of them; the longest should stand first. */
export async function runParts(parts: readonly Part[]): Promise<Count> {
  process.on("SIGINT", endAll).on("SIGTERM", endAll);
  const waiting = [...parts];
  const counts: Count[] = [];
  const lane = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) counts.push(await runPart(part));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  return { passed: sum(counts, "passed"), failed: sum(counts, "failed") };
}

async function runPart(part: Part): Promise<Count> {
  const report = part.report === undefined ? undefined : join(ROOT, part.report);
  if (report !== undefined) {
    mkdirSync(dirname(report), { recursive: true });
    rmSync(report, { force: true });
  }
  const startedMs = performance.now();
  const { status, output } = await run(part.command);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  const count = counted(status, report);
  const tests = report === undefined ? "" : `  ${count.passed} passed, ${count.failed} failed`;
  process.stdout.write(`${count.failed === 0 ? "ok    " : "FAILED"} ${part.name.padEnd(12)} ${seconds.padStart(6)} s${tests}\n`);
  for (const line of new Set(output.match(NOT_RUN))) process.stdout.write(`${line}\n`);
  if (count.failed > 0) process.stdout.write(`${output.slice(-OUTPUT_CHARACTERS_MAX).trimEnd()}\n`);
  return count;
}

/** A tool counts as one. A test file that does not load, or a run that ends badly for no counted reason, counts as one failure. */
function counted(status: number, report: string | undefined): Count {
  if (report === undefined) return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, testResults } = vitestReport.parse(JSON.parse(readFileSync(report, "utf8")));
  const unloaded = testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  const failed = numFailedTests + unloaded.length;
  return { passed: numPassedTests, failed: failed === 0 && status !== 0 ? 1 : failed };
}

interface Ended {
  readonly status: number;
  readonly output: string;
}

function run([file = "", ...args]: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    // In a group of its own: a test that loops keeps its worker alive when only its runner is killed.
    const child = spawn(process.execPath, [file, ...args], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      detached: POSIX,
      env: { ...process.env, NO_COLOR: "1" },
    });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString("utf8")).slice(-2 * OUTPUT_CHARACTERS_MAX);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const limit = setTimeout(() => {
      output += `\nstopped: it ran for more than ${PART_MS_MAX / 60_000} minutes`;
      endGroup(child);
    }, PART_MS_MAX);
    running.add(child);
    child.on("close", (status) => {
      clearTimeout(limit);
      running.delete(child);
      resolve({ status: status ?? 1, output });
    });
  });
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(POSIX ? -pid : pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Groups of their own do not hear the terminal's Ctrl-C. */
function endAll(signal: NodeJS.Signals): void {
  for (const child of running) endGroup(child);
  process.exit(signal === "SIGINT" ? 130 : 143);
}

function sum(counts: readonly Count[], of: keyof Count): number {
  return counts.reduce((total, count) => total + count[of], 0);
}
