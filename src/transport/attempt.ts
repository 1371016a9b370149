/** One exchange with an engine: the undici handler, the caller's handle and the deadlines in one object, since it is made per request. */
import type { Dispatcher } from "undici";
import type { Enrolled } from "../domain/roster.ts";
import type { Failure, Listener, Upstream } from "../ports.ts";
import { judgeBreak, late, listenerThrew, redirected, type Stage } from "./failures.ts";
import type { Limits } from "./limits.ts";

/** undici wants a reason for an abort; nobody ever sees this one. */
const CANCELLED = new Error("cancelled");

/** What an attempt needs to know of the connections it runs over. */
export interface Lane {
  /** True when the connection that carries this exchange has just been made. Asked exactly once per exchange, as it starts. */
  takeFresh(): boolean;
  /** undici holds nothing of this exchange any more. Called exactly once. */
  released(): void;
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

export class Attempt implements Upstream, Dispatcher.DispatchHandler, Enrolled {
  place = -1;
  readonly #listener: Listener;
  readonly #limits: Limits;
  readonly #roster: Roster;
  readonly #startedMs: number;
  #lane: Lane | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #stage: Stage = "waiting";
  #over = false;
  #held = true;
  #reused = false;
  #paused = false;
  /** Something came since the last sweep: one store per chunk instead of one clock reading. */
  #heard = false;
  #heardMs = 0;

  constructor(parts: AttemptParts) {
    this.#listener = parts.listener;
    this.#limits = parts.limits;
    this.#roster = parts.roster;
    this.#startedMs = parts.startedMs;
  }

  /** The connection that carries this exchange; said once, before it is dispatched. */
  carriedBy(lane: Lane): void {
    this.#lane = lane;
  }

  /** It has ended, or nobody wants it any more. */
  get over(): boolean {
    return this.#over;
  }

  // ---- the caller's handle

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  /** May deliver buffered bytes before it returns. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#heard = true;
    this.#controller?.resume();
  }

  /** Destroys the connection at once; an exchange that has no connection yet will never get one. */
  cancel(): void {
    if (this.#over) return;
    this.#finish();
    this.#controller?.abort(CANCELLED);
  }

  // ---- the deadlines

  /** Fails the exchange when a deadline has passed. Exact to one sweep. */
  sweep(nowMs: number): void {
    const deadline = this.#missed(nowMs);
    if (deadline !== undefined) this.stop(late(deadline));
  }

  #missed(nowMs: number): "first byte" | "between bytes" | "total" | undefined {
    const ageMs = nowMs - this.#startedMs;
    if (ageMs > this.#limits.totalMsMax) return "total";
    if (this.#stage !== "body") return ageMs > this.#limits.firstByteMsMax ? "first byte" : undefined;
    if (this.#heard || this.#paused) {
      this.#heard = false;
      this.#heardMs = nowMs;
      return undefined;
    }
    return nowMs - this.#heardMs > this.#limits.betweenBytesMsMax ? "between bytes" : undefined;
  }

  /** Ends the exchange from our side with a failure. */
  stop(failure: Failure): void {
    if (this.#over) return;
    this.cancel();
    this.#listener.fail(failure);
  }

  // ---- what undici calls

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#reused = this.#lane?.takeFresh() !== true;
    // Throwing here makes undici drop the request before a byte is written and keep the connection; abort() would destroy it.
    if (this.#over) throw CANCELLED;
    this.#controller = controller;
    this.#stage = "sent";
    if (this.#paused) controller.pause();
  }

  onResponseStarted(): void {
    if (this.#stage === "sent") this.#stage = "head";
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#over || status < 200) return;
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

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    this.#heard = true;
    try {
      this.#listener.data(chunk);
    } catch (error) {
      this.stop(listenerThrew(error));
    }
  }

  onResponseEnd(): void {
    this.#release();
    if (this.#over) return;
    this.#finish();
    try {
      this.#listener.end();
    } catch (error) {
      // undici would hand the error back to onResponseError, where it would vanish.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  onResponseError(controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#release();
    if (this.#over) return;
    this.#finish();
    const failure = judgeBreak({ stage: this.#stage, reused: this.#reused, error });
    // undici has no controller to show when it refuses within dispatch(): nobody may be failed before send() has returned.
    if (controller === null) queueMicrotask(() => this.#listener.fail(failure));
    else this.#listener.fail(failure);
  }

  #finish(): void {
    this.#over = true;
    this.#roster.delete(this);
  }

  #release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#lane?.released();
  }
}
