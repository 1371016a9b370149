/** The package as `npm run package` makes it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../../scripts/parts.ts";

const PACK_MS_MAX = 90_000;

/** @returns where it lies. @throws Error with what was said */
export function pack(folder: string): string {
  const program = join(ROOT, "scripts", "package.ts");
  const done = spawnSync(process.execPath, [program, "--out", folder], { encoding: "utf8", timeout: PACK_MS_MAX });
  if (done.status !== 0) throw new Error(`scripts/package.ts: ${done.error?.message ?? done.stderr}`);
  return done.stdout.trim();
}
