/** One gateway per data folder: two journals side by side would charge twice. The lock is the operating system's, so it ends with the process. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import SQLite from "better-sqlite3";
import type { Database } from "better-sqlite3";

export class OwnerLock {
  readonly #database: Database;
  readonly #notePath: string;

  /** @throws Error naming the folder and the process that has it */
  constructor(dir: string) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.#notePath = join(dir, "owner.pid");
    this.#database = new SQLite(join(dir, "owner.lock"), { timeout: 0 });
    try {
      this.#database.exec("begin exclusive");
    } catch (cause) {
      this.#database.close();
      throw new Error(
        `the data folder ${dir} is in use by another gateway (process ${readNote(this.#notePath)}): stop it first, or use another folder`,
        { cause },
      );
    }
    // Only for people and for the message above: the lock itself says who holds it, never this file.
    writeFileSync(this.#notePath, `${process.pid}\n`, { mode: 0o600 });
  }

  release(): void {
    rmSync(this.#notePath, { force: true });
    this.#database.close();
  }
}

function readNote(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "unknown";
  }
}
