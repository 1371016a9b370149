/** One exchange with an engine: what the connection tells, the caller's handle and the deadlines in one object, since it is made per request. */
import { BOUNDS } from "../bounds.ts";
import type { Enrolled } from "../domain/roster.ts";
import type { Failure, Listener, Upstream } from "../ports.ts";
import { judgeBreak, late, listenerThrew, redirected, type Stage } from "./failures.ts";
import type { Limits } from "./limits.ts";

/** What an attempt steers of the connection that carries it. */
export interface Carrier {
  pause(): void;
  /** May deliver what was held before it returns. */
  resume(): void;
  /** Closes the connection; the attempt hears nothing of it any more. */
  abort(): void;
}

/** What is told when an attempt no longer needs its deadlines. */
export interface Roster {
  delete(attempt: Attempt): unknown;
}

export interface AttemptParts {
  readonly listener: Listener;
  readonly limits: Limits;
  readonly roster: Roster;
  /** Monotonic milliseconds. */
  readonly startedMs: number;
}

export class Attempt implements Upstream, Enrolled {
  place = -1;
  readonly #listener: Listener;
  readonly #limits: Limits;
  readonly #roster: Roster;
  readonly #startedMs: number;
  #carrier: Carrier | undefined;
  #stage: Stage = "waiting";
  #over = false;
  #reused = false;
  #paused = false;
  #lingers = false;
  /** As of the last sweep. */
  #ageMs = 0;
  /** Something came since the last sweep: one store per chunk instead of one clock reading. */
  #heard = false;
  #heardMs = 0;

  constructor(parts: AttemptParts) {
    this.#listener = parts.listener;
    this.#limits = parts.limits;
    this.#roster = parts.roster;
    this.#startedMs = parts.startedMs;
  }

  /** It has ended, or nobody wants it any more. */
  get over(): boolean {
    return this.#over;
  }

  // ---- the caller's handle

  pause(): void {
    this.#paused = true;
    this.#carrier?.pause();
  }

  /** May deliver buffered bytes before it returns. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#heard = true;
    this.#carrier?.resume();
  }

  /** Destroys the connection at once; an exchange that has no connection yet will never get one. */
  cancel(): void {
    if (this.#over) return;
    this.#finish();
    this.#carrier?.abort();
  }

  linger(): void {
    this.#lingers = true;
  }

  // ---- the deadlines

  /** Fails the exchange when a deadline has passed. Exact to one sweep. */
  sweep(nowMs: number): void {
    const deadline = this.#missed(nowMs);
    if (deadline !== undefined) this.stop(late(deadline));
  }

  #missed(nowMs: number): "first byte" | "between bytes" | "total" | undefined {
    const ageMs = (this.#ageMs = nowMs - this.#startedMs);
    if (ageMs > this.#limits.totalMsMax) return "total";
    if (this.#stage !== "body") return ageMs > this.#limits.firstByteMsMax ? "first byte" : undefined;
    if (this.#heard || this.#paused) {
      this.#heard = false;
      this.#heardMs = nowMs;
      return undefined;
    }
    const silentMsMax = this.#lingers ? BOUNDS.upstreamLingerMs : this.#limits.betweenBytesMsMax;
    return nowMs - this.#heardMs > silentMsMax ? "between bytes" : undefined;
  }

  /** Ends the exchange from our side with a failure. */
  stop(failure: Failure): void {
    if (this.#over) return;
    this.cancel();
    this.#listener.fail(failure);
  }

  // ---- what the connection tells

  /** There is a connection. `used`: it has carried an exchange before. False: nobody wants the answer any more, nothing may be written. */
  begin(carrier: Carrier, used: boolean): boolean {
    if (this.#over) return false;
    this.#reused = used;
    this.#carrier = carrier;
    this.#stage = "sent";
    if (this.#paused) carrier.pause();
    return true;
  }

  /** The first byte of an answer came. */
  begun(): void {
    if (this.#stage === "sent") this.#stage = "head";
  }

  answered(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    if (this.#over) return;
    if (status >= 300 && status < 400) {
      this.stop(redirected(status));
      return;
    }
    this.#stage = "body";
    this.#heard = true;
    try {
      this.#listener.head(status, headers);
    } catch (error) {
      this.stop(listenerThrew(error));
    }
  }

  received(chunk: Buffer): void {
    if (this.#over) return;
    this.#heard = true;
    try {
      this.#listener.data(chunk);
    } catch (error) {
      this.stop(listenerThrew(error));
    }
  }

  /** The answer is whole. */
  ended(): void {
    if (this.#over) return;
    this.#finish();
    try {
      this.#listener.end();
    } catch (error) {
      // The connection has nothing to do with it, and would take it for its own.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** The connection was not made, or broke. */
  broke(error: Error): void {
    if (this.#over) return;
    this.#finish();
    // An engine that closes an idle connection has done so within a round trip; later it is the engine that went.
    const reused = this.#reused && this.#ageMs <= BOUNDS.upstreamStaleMsMax;
    this.#listener.fail(judgeBreak({ stage: this.#stage, reused, error }));
  }

  /** It cannot even be begun. Nobody may be failed before send() has returned. */
  brokeBefore(reason: unknown): void {
    queueMicrotask(() => this.broke(reason instanceof Error ? reason : new Error(String(reason))));
  }

  #finish(): void {
    this.#over = true;
    this.#roster.delete(this);
  }
}
