/** One at a time: two runs that install into one folder would leave neither of them whole. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { HOME } from "./home.ts";

/** @throws Error when another process holds it */
export async function locked(work: () => Promise<void>): Promise<void> {
  take(true);
  try {
    await work();
  } finally {
    rmSync(HOME.lock, { force: true });
  }
}

function take(mayClear: boolean): void {
  mkdirSync(dirname(HOME.lock), { recursive: true });
  try {
    writeFileSync(HOME.lock, String(process.pid), { flag: "wx" });
  } catch {
    const holder = Number(readFileSync(HOME.lock, "utf8"));
    if (!mayClear || runs(holder)) throw new Error(`process ${holder} is at work in ${HOME.cache}`);
    // Its holder was killed.
    rmSync(HOME.lock, { force: true });
    take(false);
  }
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
