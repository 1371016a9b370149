/** What the law costs a request, taken over from the micro benchmark of policies. */
import type { Bench, Measured, Outcome, Scenario } from "../bench.ts";
import { decideFigures, type Figure } from "../micro/decide.ts";

/** The micro benchmark's names for what has a limit here. */
const NAMES = {
  "decide.cold_us": "decide, not cached",
  "decide.reasons_us": "every reason against every backend",
  "decide.cached_us": "decide, cached",
} as const;

export const decide: Scenario = { name: "decide", run: async (bench) => outcomeOf(await decideFigures(), bench) };

/** @throws Error when the micro benchmark no longer has a figure by its name */
export function outcomeOf(figures: readonly Figure[], bench: Pick<Bench, "note">): Outcome {
  const measured = (["decide.cold_us", "decide.reasons_us", "decide.cached_us"] as const).map((key): Measured => {
    const figure = figures.find(({ name }) => name === NAMES[key]);
    if (figure === undefined) throw new Error(`bench/micro/decide.ts has no "${NAMES[key]}"`);
    bench.note(`  ${figure.name}: ${figure.median.toFixed(2)} µs`);
    return {
      key,
      value: figure.median,
      how: `median of rounds in one process, lowest ${figure.lowest.toFixed(2)} us; bench/micro/decide.ts, Node ${process.versions.node}`,
    };
  });
  return {
    title: "Decisions: 100 backends, 50 rules",
    figures: measured,
    columns: ["µs a call", "lowest round"],
    rows: figures.map(({ name, median, lowest }) => ({ name, cells: [sole(median), sole(lowest)] })),
    remarks: [],
  };
}

function sole(value: number): { median: number; low: number; high: number } {
  return { median: value, low: value, high: value };
}
