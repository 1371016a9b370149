/** How a command says that it could not do what it was told: a line for everything that is wrong, and 1. */
import { InvalidConfiguration } from "./estate.ts";

export function fail(error: unknown): void {
  const lines = error instanceof InvalidConfiguration ? error.problems : [error instanceof Error ? error.message : String(error)];
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exitCode = 1;
  // Whatever was opened before the failure must not keep the process.
  setImmediate(() => process.exit(1));
}
