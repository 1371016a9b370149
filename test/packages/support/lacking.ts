/** Suites that need more than npm: they say what is missing, and where everything should be there that is a failure. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";

const CACHE =
  process.env["BAILIWICK_PACKAGES_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "bailiwick-packages");

/** What scripts/packages-prepare.sh makes. */
export const IMAGES = join(CACHE, "images");
export const preparedNode = (line: number): string =>
  join(CACHE, `node-${String(line)}`, "node_modules", `node-linux-${process.arch}`, "bin", "node");
export const PREPARE = "scripts/packages-prepare.sh makes it";

/** Runs the suite, or says why it cannot. @param why undefined: nothing is missing */
export function describeWith(name: string, why: string | undefined, suite: () => void): void {
  if (why === undefined) return void describe(name, suite);
  process.stdout.write(`not run: ${name} (${why})\n`);
  it.runIf(process.env["CI"] === "true")(`${name} must not be missing`, () => expect(why).toBeUndefined());
  it.skipIf(process.env["CI"] === "true")(name, () => undefined);
}

/** Whether a program is in the path. */
export function has(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

export const isRoot = process.getuid?.() === 0;

/** Why npm cannot install here; undefined: it can. */
export function withoutRegistry(): string | undefined {
  const asked = spawnSync("npm", ["view", "node-addon-api@8.9.2", "version"], { encoding: "utf8", timeout: 20_000 });
  return asked.status === 0 ? undefined : "npm reaches no packages";
}
