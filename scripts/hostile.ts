/**
 * Runs what attacks the gateway from either side, and counts the cases that got their documented answer:
 *   node scripts/hostile.ts [--record]
 * With --record the count is written to bench/results, if nothing failed.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readResults, withFigures, writeResults } from "../bench/results.ts";
import { ROOT, suiteParts } from "./parts.ts";
import { runParts } from "./run-parts.ts";

/** Callers that attack, and engines that misbehave. */
const SUITES = ["hostile", "faults"] as const;

const { values } = parseArgs({ options: { record: { type: "boolean", default: false } } });
const { passed, failed } = await runParts(suiteParts(SUITES));
process.stdout.write(`${passed} passed, ${failed} failed\n`);
if (failed > 0) process.exitCode = 1;
else if (values.record) await record();

async function record(): Promise<void> {
  const folder = join(ROOT, "bench", "results");
  const how = `test/${SUITES.join(" and test/")} over real sockets; ${cpus().length} cores`;
  await writeResults(folder, withFigures(readResults(folder), [{ key: "hostile.cases_passed", value: passed, how }], new Date()));
}
