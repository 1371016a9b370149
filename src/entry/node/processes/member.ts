/** One of several processes, as its parent sees it: started, asked, heard of, ended. */
import { fork, type ChildProcess } from "node:child_process";
import { BOUNDS } from "../../../bounds.ts";
import { nodeClock } from "../clock.ts";
import { carrierTo } from "./carriers.ts";
import { Link, type Handlers } from "./link.ts";
import type { Start } from "./messages.ts";

/** In the environment of a process that has a parent. */
export const LANE_VARIABLE = "BAILIWICK_LANE";

export class Member {
  readonly lane: number;
  readonly link: Link;
  /** Exit code; undefined: a signal ended it. */
  readonly ended: Promise<number | undefined>;
  readonly #child: ChildProcess;
  #heardMs = nodeClock.monotonicMs();
  #serves = false;

  /** Starts this program again, as a process of this lane. */
  constructor(lane: number, complain: (failure: unknown) => void) {
    const program = process.argv[1];
    if (program === undefined) throw new Error("nobody knows which program this is");
    this.lane = lane;
    this.#child = fork(program, ["serve"], { env: { ...process.env, [LANE_VARIABLE]: String(lane) } });
    this.ended = new Promise((resolve) => {
      this.#child.once("exit", (code) => resolve(code ?? undefined));
      this.#child.once("error", () => resolve(undefined));
    });
    this.link = new Link(carrierTo(this.#child), nodeClock, complain);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** It can be talked to. */
  get lives(): boolean {
    return this.#child.connected;
  }

  /** Listens, and is not on its way out. */
  get serves(): boolean {
    return this.#serves && this.#child.connected;
  }

  /** Resolves when it listens. @throws Error why it could not begin, or that it ended before */
  async start(begin: Start, handlers: Handlers): Promise<void> {
    this.link.listen(handlers);
    const early = this.ended.then((code) => {
      throw new Error(`process ${String(this.lane)} ended with ${String(code)} before it served`);
    });
    await Promise.race([this.link.ask("start", begin, BOUNDS.processStartMsMax), early]);
    this.heard();
    this.#serves = true;
  }

  heard(): void {
    this.#heardMs = nodeClock.monotonicMs();
  }

  /** Not heard of for so long that it will not come back: its event loop stands still, or the whole process does. */
  get silent(): boolean {
    return this.#serves && nodeClock.monotonicMs() - this.#heardMs > BOUNDS.processSilentMsMax;
  }

  /** It takes nothing new from now on, and ends when what runs has ended. */
  leaves(): void {
    this.#serves = false;
  }

  drain(): void {
    this.leaves();
    this.link.tell("drain", null);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
