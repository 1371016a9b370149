/**
 * Runs the deterministic simulation over many seeds and stops at the first that breaks a rule:
 *   node scripts/simulate.ts --seeds 1000 [--from N] [--trace]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { simulate, type Outcome } from "../test/simulation/simulation.ts";
import { ROOT } from "./parts.ts";

const REPORT = join(ROOT, "node_modules", ".cache", "simulation.json");
/** Where the benchmarks take the figure from; only a whole run counts. */
const FIGURE = join(ROOT, "bench", "results", "simulation.json");
const FIGURE_SEEDS = 1_000;
const PROGRESS_SEEDS = 100;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
  },
});
const [seeds, from] = [whole(values.seeds), whole(values.from)];
const startedMs = performance.now();
const seen: Record<string, number> = {};
let failed: Outcome | undefined;
let run = 0;
for (; run < seeds && failed === undefined; run += 1) {
  const outcome = await simulate(from + run, values.trace ? { trace: (line) => process.stdout.write(`${line}\n`) } : {});
  if (outcome.breaches.length > 0) failed = outcome;
  for (const [kind, count] of Object.entries(outcome.seen)) seen[kind] = (seen[kind] ?? 0) + count;
  if ((run + 1) % PROGRESS_SEEDS === 0) process.stderr.write(`${String(run + 1)} seeds\n`);
}
report((performance.now() - startedMs) / 1_000);
if (failed !== undefined) process.exitCode = 1;

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`not a whole number: ${text}`);
  return Number(text);
}

function report(seconds: number): void {
  const violations = failed?.breaches.length ?? 0;
  const text = `${JSON.stringify({ seeds: run, violations, seconds: Math.round(seconds * 10) / 10, measured_at: new Date().toISOString() })}\n`;
  for (const file of run < FIGURE_SEEDS ? [REPORT] : [REPORT, FIGURE]) {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
  }
  const { sends = 0, served = 0, deaths = 0, reloads = 0, events = 0 } = seen;
  process.stdout.write(
    `${run} seeds in ${seconds.toFixed(1)} s: ${sends} sends, ${served} served, ${reloads} reloads, ${deaths} deaths, ${events} events\n`,
  );
  if (failed === undefined) return;
  for (const { rule, what, atMs } of failed.breaches.slice(0, 10))
    process.stdout.write(`seed ${failed.seed}, ${atMs} ms, ${rule}: ${what}\n`);
  process.stdout.write(`again: node scripts/simulate.ts --from ${failed.seed} --seeds 1 --trace\n`);
}
