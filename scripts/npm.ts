/** npm as a program: the one that runs us where one does, else the one of the path. */
import { spawnSync } from "node:child_process";
import { ROOT } from "./parts.ts";

const NPM_MS_MAX = 180_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** @returns what it wrote on standard output. @throws Error with what it said */
export function npm(args: readonly string[], cwd = ROOT): string {
  const program = process.env["npm_execpath"];
  const options = { cwd, encoding: "utf8", timeout: NPM_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX } as const;
  const done =
    program?.endsWith("js") === true ? spawnSync(process.execPath, [program, ...args], options) : spawnSync("npm", args, options);
  if (done.status !== 0) throw new Error(`npm ${args.join(" ")}: ${done.error?.message ?? `${done.stderr}${done.stdout}`}`);
  return done.stdout;
}
