/** `bailiwick check`: everything that is wrong with a file at once, or one line about what it declares. */
import { nodeClock } from "./clock.ts";
import { buildEstate, fileSource, InvalidConfiguration } from "./estate.ts";
import { fail } from "./fail.ts";

export function runCheck(file: string): void {
  const built = buildEstate(fileSource(file), 1, nodeClock.nowMs());
  if (!built.ok) {
    fail(new InvalidConfiguration(built.problems));
    return;
  }
  const { backends, msps, tenants, policies } = built.estate.declared;
  process.stdout.write(
    `${file}: sound (${String(backends.size)} backends, ${String(msps.size)} MSPs, ${String(tenants.size)} tenants, ${String(policies.length)} policies)\n`,
  );
}
