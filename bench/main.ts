/** `npm run bench`: measures the gateway beside nginx and beside nothing at all, and holds every figure against its limit. */
import { join } from "node:path";
import { Bench, IDLE_MS, NotRun, type Outcome, type Scenario } from "./bench.ts";
import { killAll } from "./child.ts";
import { holds, LIMITS } from "./limits.ts";
import { withUnit } from "./markdown.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { readResults, withOutcome, writeResults } from "./results.ts";
import { SCENARIOS } from "./scenarios.ts";
import { ROOT } from "./tools.ts";

/** "left out": nothing was there to take over; "not run": a part of the machine is missing. */
type Ending = "held" | "over" | "left out" | "not run" | "failed";

const note = (text: string): void => void process.stdout.write(`${text}\n`);

function optionsOrLeave(): Options {
  const names = SCENARIOS.map(({ name }) => name);
  try {
    return parseOptions(process.argv.slice(2), names, join(ROOT, "bench", "results"));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nusage: ${USAGE}\n`);
    return process.exit(2);
  }
}

/** Runs one scenario and writes at once what it found: an interrupted run keeps what it has. */
async function run(scenario: Scenario, bench: Bench): Promise<Ending> {
  note(scenario.name);
  try {
    const outcome = await scenario.run(bench);
    await writeResults(bench.options.out, withOutcome(readResults(bench.options.out), { name: scenario.name, outcome, at: new Date() }));
    return said(outcome) ? "held" : "over";
  } catch (error) {
    if (error instanceof NotRun) {
      const { part, why } = error.missing;
      const leftOut = part === scenario.name;
      note(`not run: ${scenario.name} (${leftOut ? why : error.message})`);
      return leftOut ? "left out" : "not run";
    }
    note(`FAILED ${scenario.name}: ${error instanceof Error ? error.message : String(error)}`);
    return "failed";
  }
}

function said({ figures }: Outcome): boolean {
  for (const { key, value, how } of figures) {
    const { unit, limit } = LIMITS[key];
    note(`${holds(key, value) ? "holds" : "OVER "} ${key} = ${withUnit(value, unit)} (limit ${withUnit(limit, unit)}): ${how}`);
  }
  return figures.every(({ key, value }) => holds(key, value));
}

/** Its children are groups of their own, so the terminal's signal does not reach them. */
function endWithChildren(): void {
  process.on("exit", killAll);
  process.on("SIGINT", () => process.exit(130)).on("SIGTERM", () => process.exit(143));
}

endWithChildren();
const options = optionsOrLeave();
const bench = new Bench({ options, idleMs: IDLE_MS, note });
const endings: Ending[] = [];
for (const scenario of SCENARIOS.filter(({ name }) => options.only.includes(name))) endings.push(await run(scenario, bench));
await bench.close();
const count = (ending: Ending): number => endings.filter((one) => one === ending).length;
note(
  `${String(count("held"))} held, ${String(count("over"))} over, ${String(count("not run") + count("left out"))} not run, ${String(count("failed"))} failed`,
);
const missingFails = process.env["CI"] === "true" && count("not run") > 0;
process.exitCode = count("over") + count("failed") > 0 || missingFails ? 1 : 0;
