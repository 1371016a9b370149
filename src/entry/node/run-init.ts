/** `bailiwick init` on Node: asks over fetch, writes one file, and never over another without being told. */
import { existsSync, writeFileSync } from "node:fs";
import { init, type Asked } from "../../cli/init.ts";

export interface InitOrder extends Omit<Asked, "io"> {
  /** File to write. */
  readonly out: string;
  readonly force: boolean;
}

/** Sets the exit code; what went wrong is said in a sentence. */
export async function runInit({ out, force, ...asked }: InitOrder): Promise<void> {
  const note = (text: string): void => void process.stderr.write(text);
  process.exitCode = 1;
  if (existsSync(out) && !force) return note(`${out} exists already: give --force to overwrite it, or another file with --out.\n`);
  const write = (text: string): void => writeFileSync(out, text, { flag: force ? "w" : "wx" });
  try {
    process.exitCode = await init({ ...asked, io: { get, write, note } });
  } catch (error) {
    return note(`${out} cannot be written: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  if (process.exitCode === 0) process.stdout.write(`wrote ${out}; now: bailiwick check ${out} && bailiwick serve --config ${out}\n`);
}

const PROBE_MS = 5_000;

async function get(url: string): Promise<{ status: number; body: string }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS), redirect: "error" });
  return { status: response.status, body: await response.text() };
}
