/** Keeps so many processes running: buries those that end, and starts others in their place, with a growing pause while they keep ending. */
import { BOUNDS } from "../../../bounds.ts";
import type { Stop } from "../../../ports.ts";
import { nodeClock, pause } from "../clock.ts";
import type { ProcessLog } from "../logger.ts";
import type { Member } from "./member.ts";

export interface Duties {
  /** A process that serves in this lane. @throws Error when it cannot begin; it has ended then */
  launch(lane: number): Promise<Member>;
  /** Settles what it has left. May be asked again when it fails. */
  bury(member: Member): Promise<void>;
}

const WATCH_MS = 1_000;

export class Crew {
  readonly #size: number;
  readonly #duties: Duties;
  readonly #log: ProcessLog;
  readonly #members = new Map<number, Member>();
  readonly #kept: Promise<void>[] = [];
  #stopWatching: Stop = () => undefined;
  #leaving = false;

  constructor(size: number, duties: Duties, log: ProcessLog) {
    this.#size = size;
    this.#duties = duties;
    this.#log = log;
  }

  /** Resolves when all serve. @throws Error when one of them cannot; then none is left */
  async begin(): Promise<void> {
    const lanes = Array.from({ length: this.#size }, (_, index) => index + 1);
    const launched = await Promise.allSettled(lanes.map((lane) => this.#launch(lane)));
    const failed = launched.find(({ status }) => status === "rejected");
    for (const result of launched) if (result.status === "fulfilled") this.#kept.push(this.#keep(result.value));
    if (failed?.status === "rejected") {
      await this.stop();
      throw failed.reason;
    }
    this.#stopWatching = nodeClock.every(WATCH_MS, () => this.#endSilent());
  }

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  /** Some process takes requests. */
  get serves(): boolean {
    return !this.#leaving && this.members.some(({ serves }) => serves);
  }

  /** Resolves when all have ended, and what they left is settled. True: nothing was cut off. */
  async stop(): Promise<boolean> {
    this.#leaving = true;
    this.#stopWatching();
    const members = this.members;
    for (const member of members) member.drain();
    const late = nodeClock.after(BOUNDS.drainMsMax + BOUNDS.cutSettleMsMax + BOUNDS.processAnswerMsMax, () => {
      for (const member of members) member.kill();
    });
    const codes = await Promise.all(members.map(({ ended }) => ended));
    late();
    await Promise.all(this.#kept);
    return codes.every((code) => code === 0);
  }

  async #launch(lane: number): Promise<Member> {
    const member = await this.#duties.launch(lane);
    this.#members.set(lane, member);
    return member;
  }

  /** For as long as the gateway runs, somebody stands in this lane, or is about to. */
  async #keep(first: Member): Promise<void> {
    const { lane } = first;
    let pauseMs: number = BOUNDS.processRestartMs;
    for (let member: Member | undefined = first; ;) {
      const beganMs = nodeClock.monotonicMs();
      if (member !== undefined) await this.#mourn(member);
      if (this.#leaving) return;
      if (nodeClock.monotonicMs() - beganMs >= BOUNDS.processSteadyMs) pauseMs = BOUNDS.processRestartMs;
      await pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, BOUNDS.processRestartMsMax);
      // Asked again behind each pause: nobody is started while the others leave.
      if (this.#isLeaving()) return;
      member = await this.#launch(lane).catch((failure: unknown) => this.#cannot(lane, failure));
      if (this.#isLeaving()) member?.drain();
    }
  }

  async #mourn(member: Member): Promise<void> {
    const code = await member.ended;
    const { lane, pid } = member;
    if (!this.#leaving) this.#log.logger.error({ process: lane, pid, code }, "a process has ended; another takes its place");
    for (let pauseMs: number = BOUNDS.processRestartMs; ; pauseMs = Math.min(pauseMs * 2, BOUNDS.processRestartMsMax)) {
      try {
        await this.#duties.bury(member);
        break;
      } catch (failure) {
        this.#log.logger.error({ process: lane, detail: String(failure) }, "what a process left open cannot be settled; tried again");
        await pause(pauseMs);
      }
    }
    this.#members.delete(lane);
  }

  #isLeaving(): boolean {
    return this.#leaving;
  }

  #cannot(lane: number, failure: unknown): undefined {
    this.#log.logger.error({ process: lane, detail: String(failure) }, "a process could not be started; tried again");
  }

  #endSilent(): void {
    for (const member of this.#members.values()) {
      if (!member.silent) continue;
      this.#log.logger.error({ process: member.lane, pid: member.pid }, "a process does not answer and is ended");
      member.kill();
    }
  }
}
