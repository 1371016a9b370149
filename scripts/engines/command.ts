/** Runs a program to its end, quietly: what it wrote is only shown when it fails. */
import { spawn, spawnSync } from "node:child_process";

const OUTPUT_CHARACTERS_MAX = 4_000;
const RUN_MS_MAX = 20 * 60_000;

/** @throws Error with the end of its output when it fails or runs for more than twenty minutes */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], timeout: RUN_MS_MAX, killSignal: "SIGKILL" });
    let output = "";
    const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args.slice(0, 4).join(" ")} … ended with ${String(code ?? signal)}:\n${output.trimEnd()}`));
    });
  });
}

/** What a short program says on standard output; undefined when it is not there or fails. */
export function said(program: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8", timeout: 30_000, stdio: ["ignore", "pipe", "ignore"] });
  return status === 0 ? stdout.trim() : undefined;
}

/** Size on disk in megabytes; undefined where nobody can tell. */
export function megabytes(folder: string): number | undefined {
  const kilobytes = Number(said("du", ["-sk", folder])?.split(/\s/)[0]);
  return Number.isFinite(kilobytes) ? Math.round(kilobytes / 1_024) : undefined;
}
