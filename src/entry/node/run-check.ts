/** `bailiwick check` on Node: files from the disk, findings on standard output. */
import { readFileSync } from "node:fs";
import { check } from "../../cli/check.ts";

export function runCheck(file: string): void {
  const readFile = (path: string): string => readFileSync(path, "utf8");
  process.exitCode = check(file, { readFile, env: process.env, write: (text) => void process.stdout.write(text) });
}
