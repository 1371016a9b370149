/** Takes over what `npm run simulate -- --seeds 1000` found: speed counts only where no invariant is broken. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Bench, NotRun, type Outcome, type Scenario } from "../bench.ts";

const SEEDS = 1_000;
const found = z.object({ seeds: z.number().int(), violations: z.number().int() });

export const simulation: Scenario = { name: "simulation", run };

/** @throws NotRun when there was no simulation, or only a short one: then the key is left out */
async function run({ options }: Bench): Promise<Outcome> {
  const file = join(options.out, "simulation.json");
  if (!existsSync(file))
    throw new NotRun({
      part: "simulation",
      why: `there is no simulation.json beside latest.json; npm run simulate -- --seeds ${String(SEEDS)} writes it`,
    });
  const { seeds, violations } = found.parse(JSON.parse(readFileSync(file, "utf8")));
  if (seeds < SEEDS) throw new NotRun({ part: "simulation", why: `it ran ${String(seeds)} seeds, not ${String(SEEDS)}` });
  const cell = (value: number): { median: number; low: number; high: number } => ({ median: value, low: value, high: value });
  return {
    title: "Simulation",
    figures: [{ key: "simulation.violations_1000_seeds", value: violations, how: `${String(seeds)} seeds on a virtual clock` }],
    columns: ["seeds", "violations"],
    rows: [{ name: "bailiwick", cells: [cell(seeds), cell(violations)] }],
    remarks: [],
  };
}
