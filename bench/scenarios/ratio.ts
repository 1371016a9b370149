/** What the four CPU scenarios have in common: one load, and its cost against nginx's in the same round. */
import type { Bench, Outcome } from "../bench.ts";
import { type Compared, compare } from "../comparison.ts";
import type { FigureKey } from "../limits.ts";
import { type Column, conditionsOf, cpuRatio, howOf, tableOf } from "../sample-table.ts";
import type { Spread } from "../statistics.ts";

export interface RatioScenario extends Compared {
  readonly title: string;
  readonly key: FigureKey;
  readonly columns: readonly Column[];
  /** The column whose spread over `direct` tells how disturbed the run was. */
  readonly noisy: Column;
}

export async function runRatio(bench: Bench, scenario: RatioScenario): Promise<Outcome> {
  const samples = await compare(bench, scenario);
  const conditions = conditionsOf(samples, scenario.noisy);
  const spread = cpuRatio(samples);
  const { seconds = 0 } = scenario.load;
  const how = (ratio: Spread): string => howOf(bench, { seconds, spread: ratio, what: "CPU a request against nginx's", conditions });
  return {
    title: scenario.title,
    figures: spread === undefined ? [] : [{ key: scenario.key, value: spread.median, how: how(spread) }],
    ...tableOf(samples, scenario.columns),
    remarks: [`Every request settled with the backend's own usage. Conditions: ${conditions}.`],
  };
}
