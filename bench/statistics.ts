/** Few rounds, each with its own noise: medians say what is usual, the spread says how much to believe. */

export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** @throws RangeError of nothing there is no median */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError("no values");
  return (lower + upper) / 2;
}

/** undefined: there was nothing to measure. */
export function spreadOf(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : { median: median(known), low: Math.min(...known), high: Math.max(...known) };
}

/** How far the rounds lie apart, as a share of their median: 0.1 is 10 %. */
export function noiseOf(values: readonly number[]): number {
  const spread = spreadOf(values);
  return spread === undefined || spread.median === 0 ? 0 : (spread.high - spread.low) / spread.median;
}
