/** A process that the benchmark starts and surely ends again, with what it said last. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, truncateSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const WORDS_MAX = 300;
const STOP_MS_MAX = 8_000;

const running = new Set<Child>();

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #log: string;
  #failure = "";

  /** Its log goes to a file in `cwd`, as in production: a pipe would make this process a part of what is measured. It gets no proxy settings. */
  constructor({ file, args, cwd, env = {} }: Command) {
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/proxy$/i.test(name)));
    this.#log = join(cwd, `${basename(file)}.log`);
    const log = openSync(this.#log, "a");
    this.#process = spawn(file, args, { cwd, env: { ...inherited, ...env }, stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    this.#ended = new Promise((resolve) => {
      this.#process.on("error", (error) => {
        this.#failure = error.message;
        resolve();
      });
      this.#process.on("exit", () => resolve());
    });
    running.add(this);
    void this.#ended.then(() => running.delete(this));
  }

  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error(`could not start ${this.#process.spawnfile}`);
    return pid;
  }

  get alive(): boolean {
    return running.has(this);
  }

  /** The end of what it wrote, to say why it did not work. */
  get lastWords(): string {
    const written = existsSync(this.#log) ? readFileSync(this.#log, "utf8") : "";
    return `${this.#failure} ${written.slice(-WORDS_MAX)}`.trim();
  }

  /** Empties its log: a line for each of a million requests is more than a small disk has. */
  forget(): void {
    truncateSync(this.#log);
  }

  /** Asks it to leave, and ends the whole group when it does not. */
  async stop(): Promise<void> {
    if (!this.alive) return;
    this.#process.kill("SIGTERM");
    await Promise.race([this.#ended, sleep(STOP_MS_MAX, undefined, { ref: false })]);
    this.kill();
    await this.#ended;
  }

  kill(): void {
    const { pid } = this.#process;
    if (pid === undefined || !this.alive) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

/** Children are groups of their own and do not hear the terminal's Ctrl-C. */
export function killAll(): void {
  for (const child of running) child.kill();
}
