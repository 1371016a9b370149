/** Waiting for something that real sockets and processes bring about, and saying what never came. */
const EVERY_MS = 5;

/** Rejects after `withinMs`. @returns how long it took, in milliseconds */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<number> {
  const startedMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedMs > withinMs) throw new Error(`within ${withinMs} ms it did not come about that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  return performance.now() - startedMs;
}
