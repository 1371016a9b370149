/** What the project promises of its speed: one line per figure, and none may be reported that has no line here. */

export interface Limit {
  readonly unit: "x" | "ms" | "us" | "count";
  readonly limit: number;
  /** "most": the limit itself still holds. "below": it does not. */
  readonly reach: "most" | "below";
  /** What the figure says, for a reader who has not seen the code. */
  readonly meaning: string;
}

export const LIMITS = {
  "json.cpu_ratio_nginx": { unit: "x", limit: 7, reach: "most", meaning: "CPU per request against nginx, small JSON" },
  "sse64.cpu_ratio_nginx": { unit: "x", limit: 3.5, reach: "most", meaning: "CPU per request against nginx, 64 frames at once" },
  "paced.cpu_ratio_nginx": { unit: "x", limit: 3.5, reach: "most", meaning: "CPU per request against nginx, a frame every 20 ms" },
  "body200k.cpu_ratio_nginx": { unit: "x", limit: 10, reach: "most", meaning: "CPU per request against nginx, 200 kB prompt" },
  "ttft.added_p50_ms": { unit: "ms", limit: 1, reach: "below", meaning: "added to the time to first token, median" },
  "ttft.added_p99_ms": { unit: "ms", limit: 5, reach: "below", meaning: "added to the time to first token, p99" },
  "coldstart.ms": { unit: "ms", limit: 1000, reach: "below", meaning: "from start to the first answer" },
  "decide.cold_us": { unit: "us", limit: 100, reach: "below", meaning: "a decision over 100 backends and 50 rules, not cached" },
  "decide.reasons_us": { unit: "us", limit: 400, reach: "below", meaning: "every reason against every backend" },
  "decide.cached_us": { unit: "us", limit: 2, reach: "below", meaning: "the same decision, cached" },
  "simulation.violations_1000_seeds": { unit: "count", limit: 0, reach: "most", meaning: "broken invariants in 1000 simulated days" },
} as const satisfies Readonly<Record<string, Limit>>;

export type FigureKey = keyof typeof LIMITS;

export function isFigureKey(name: string): name is FigureKey {
  return Object.hasOwn(LIMITS, name);
}

/** Every key, in the order in which they are shown. */
export const FIGURE_KEYS: readonly FigureKey[] = Object.keys(LIMITS).filter(isFigureKey);

/** @param value in the unit of the figure's limit */
export function holds(key: FigureKey, value: number): boolean {
  const { limit, reach } = LIMITS[key];
  return reach === "most" ? value <= limit : value < limit;
}
