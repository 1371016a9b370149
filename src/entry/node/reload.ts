/** Follows the configuration file: on change and on SIGHUP it is compiled aside and swapped in; a bad one is reported and the old one stays. */
import { statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Stop } from "../../ports.ts";
import { nodeClock } from "./clock.ts";
import { InvalidConfiguration, readDeclared, type ConfigSource } from "./estate.ts";
import type { ProcessLog } from "./logger.ts";
import type { Running } from "./running.ts";

const SETTLE_MS = 150;

export class Reload {
  readonly #source: ConfigSource;
  readonly #running: Pick<Running, "adopt">;
  readonly #log: ProcessLog;
  #pending: Stop | undefined;

  constructor(source: ConfigSource, running: Pick<Running, "adopt">, log: ProcessLog) {
    this.#source = source;
    this.#running = running;
    this.#log = log;
  }

  /** Watches the folder, since editors replace files instead of writing into them. */
  follow(): Stop {
    const { file } = this.#source;
    const watcher = watch(dirname(file), { persistent: false }, (_, name) => {
      if (name === null || name === basename(file)) this.#soon();
    });
    return () => watcher.close();
  }

  /** True when the file was taken. */
  now(): boolean {
    const { logger } = this.#log;
    try {
      const read = readDeclared(this.#source);
      if (!read.ok) throw new InvalidConfiguration(read.problems);
      logger.info({ epoch: this.#running.adopt(read.declared) }, "configuration taken");
      return true;
    } catch (error) {
      const problems = error instanceof InvalidConfiguration ? error.problems : [error instanceof Error ? error.message : String(error)];
      logger.error({ problems }, "configuration not taken; the old one keeps running");
      return false;
    }
  }

  #soon(): void {
    this.#pending?.();
    this.#pending = nodeClock.after(SETTLE_MS, () => {
      if (statSync(this.#source.file, { throwIfNoEntry: false }) !== undefined) this.now();
    });
  }
}
