/** What the project promises of its speed: one line per figure, and none may be reported that has no line here. */

export interface Limit {
  readonly unit: "x" | "s" | "ms" | "us" | "kB" | "KiB" | "%" | "count";
  readonly limit: number;
  /** "most": the limit itself still holds. "below": it does not. "least": so much it must be, or more. */
  readonly reach: "most" | "below" | "least";
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
  "streams5k.lost": { unit: "count", limit: 0, reach: "most", meaning: "streams lost of 5,000 that are open at once" },
  "streams5k.kb_each": { unit: "kB", limit: 60, reach: "most", meaning: "memory that each of 5,000 open streams takes" },
  "streams5k.rss_return": { unit: "%", limit: 20, reach: "most", meaning: "memory above idle, a minute after 5,000 streams" },
  "processes2.cpu_ratio": { unit: "x", limit: 1.1, reach: "most", meaning: "CPU per request of two processes against one" },
  "soak.growth": { unit: "%", limit: 5, reach: "most", meaning: "growth of memory in ten minutes of mixed load, but for the first two" },
  "cancel.p99_ms": { unit: "ms", limit: 250, reach: "most", meaning: "from a caller's leaving to the engine's free connection, p99" },
  "failover.s": { unit: "s", limit: 1, reach: "most", meaning: "longest wait for a first byte after an engine was killed" },
  "failover.recovered_s": { unit: "s", limit: 5, reach: "most", meaning: "until an engine that came back is used again" },
  "worker.bundle_kib": { unit: "KiB", limit: 1024, reach: "below", meaning: "what is uploaded to Workers, compressed" },
  "worker.cpu_ratio": { unit: "x", limit: 2, reach: "most", meaning: "CPU of a paced chat stream through workerd against Node" },
  "simulation.violations_1000_seeds": { unit: "count", limit: 0, reach: "most", meaning: "broken invariants in 1000 simulated days" },
  "conformance.passed": { unit: "count", limit: 500, reach: "least", meaning: "checks passed by unmodified clients" },
  "conformance.failed": { unit: "count", limit: 0, reach: "most", meaning: "checks failed by unmodified clients" },
  "engines.vllm_passed": { unit: "count", limit: 250, reach: "least", meaning: "tests passed against a real vLLM" },
  "engines.triton_passed": { unit: "count", limit: 250, reach: "least", meaning: "tests passed against a real Triton" },
  "hostile.cases_passed": { unit: "count", limit: 800, reach: "least", meaning: "attacks and faults that got their documented answer" },
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
  if (reach === "least") return value >= limit;
  return reach === "most" ? value <= limit : value < limit;
}
