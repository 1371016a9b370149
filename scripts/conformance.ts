/**
 * Runs the clients of test/conformance, all of them or those named, against the demo or the target that CONFORMANCE_TARGET names:
 *   node scripts/conformance.ts [--record] [CLIENT…]
 * With --record the counts are written to bench/results, where a client that could not run is a failure.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readResults, withFigures, writeResults } from "../bench/results.ts";
import { CLIENT_NAMES, type ClientName, CLIENTS, isClientName } from "../test/conformance/support/clients.ts";
import { Demo } from "../test/conformance/support/demo.ts";
import { type Report, runClient } from "../test/conformance/support/run-client.ts";
import { type Target, targetFrom } from "../test/conformance/support/target.ts";
import { ROOT } from "./parts.ts";

const { values, positionals } = parseArgs({ options: { record: { type: "boolean", default: false } }, allowPositionals: true });
const names = positionals.length === 0 ? CLIENT_NAMES : positionals.map(known);
const named = targetFrom(process.env);
if (values.record && (named !== undefined || names !== CLIENT_NAMES))
  throw new Error("--record is for every client against the demo: name neither clients nor CONFORMANCE_TARGET");

let [passed, failed] = [0, 0];
const ran = new Set<string>();
if (named === undefined) await againstDemo();
else await against(named);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
if (values.record) await record();
if (failed > 0) process.exitCode = 1;

function known(name: string): ClientName {
  if (isClientName(name)) return name;
  throw new RangeError(`no client "${name}": ${CLIENT_NAMES.join(", ")}`);
}

async function againstDemo(): Promise<void> {
  const demo = new Demo();
  await demo.start();
  try {
    for (const engine of ["vllm", "triton"] as const) await against(await demo.target(engine));
  } finally {
    await demo.stop();
  }
}

/** One after the other: some of the checks are about waiting, and none about how much a machine can do. */
async function against(target: Target): Promise<void> {
  for (const name of names) count(await runClient(name, target), target);
}

function count(report: Report, target: Target): void {
  const wrong = wrongIn(report);
  const right =
    report.outcomes.filter(({ ok }) => ok === true).length + (report.missing === undefined && report.findings.length === 0 ? 1 : 0);
  passed += right;
  failed += wrong.length;
  if (report.client !== "") ran.add(report.client);
  const { bodies, frames } = report.judged;
  const title = `${target.name.padEnd(14)} ${report.name.padEnd(24)}`;
  process.stdout.write(`${title} ${right} passed, ${wrong.length} failed  (${report.client}; ${bodies} bodies, ${frames} frames)\n`);
  for (const line of wrong) process.stdout.write(`  ${line}\n`);
}

function wrongIn({ name, missing, outcomes, findings }: Report): readonly string[] {
  if (missing !== undefined) return [`not run: ${name} (${missing})`];
  const reported = new Set(outcomes.map(({ check }) => check));
  return [
    ...outcomes.filter(({ ok, skipped }) => ok !== true && skipped === undefined).map(({ check, why }) => `${check}: ${why ?? ""}`),
    ...CLIENTS[name].checks.filter((check) => !reported.has(check)).map((check) => `${check}: never reported`),
    ...findings.map(({ kind, at, rule, text, times }) => `not as described: ${kind} ${at} ${rule}: ${text} (${times} times)`),
  ];
}

async function record(): Promise<void> {
  const how = `${ran.size} clients against the demo's vLLM and Triton (${[...ran].join("; ")}); ${cpus().length} cores`;
  const folder = join(ROOT, "bench", "results");
  const measured = [
    { key: "conformance.passed", value: passed, how },
    { key: "conformance.failed", value: failed, how },
  ] as const;
  await writeResults(folder, withFigures(readResults(folder), measured, new Date()));
}
