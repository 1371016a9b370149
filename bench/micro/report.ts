/** Times one function: median of batches, with the spread, so that a busy machine shows itself. */

const BATCHES = 15;
const BATCH_MS = 20;

/** Prints microseconds per call, divided by `units` (frames in a chunk, for one). */
export function report(name: string, run: () => unknown, units = 1): void {
  let calls = 1;
  for (;;) {
    if (timed(run, calls) > BATCH_MS) break;
    calls *= 2;
  }
  const perCall = Array.from({ length: BATCHES }, () => (timed(run, calls) * 1000) / calls / units).sort((a, b) => a - b);
  const at = (share: number): string => (perCall[Math.floor(share * (BATCHES - 1))] ?? NaN).toFixed(3);
  process.stdout.write(`${at(0.5).padStart(10)} µs  [${at(0)} … ${at(1)}]  ${name}\n`);
}

function timed(run: () => unknown, calls: number): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) run();
  return Number(process.hrtime.bigint() - start) / 1e6;
}
