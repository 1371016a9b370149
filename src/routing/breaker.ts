/**
 * Stops traffic to one model of one backend when its answers fail, and lets it back carefully.
 *
 *   closed    -> open       breakerFailuresMax failures in a row, or a window in which too large a share failed
 *   open      -> half-open  the pause is over and a request begins: the trial
 *   half-open -> closed     a request succeeded, or its answer began: then one more failure opens it again
 *   half-open -> open       a request failed; the pause doubles up to breakerOpenMsMax
 *
 * A backend that was down and is up again is tried at once, however long its pause has grown.
 * While half-open nothing passes beside the trial, until it ends without a verdict or has lasted breakerTrialMsMax.
 */
import { BOUNDS } from "../bounds.ts";
import { RollingCount } from "./rolling-count.ts";

export type BreakerState = "closed" | "open" | "half-open";

const SLOTS = 5;

export class Breaker {
  #state: BreakerState = "closed";
  #failuresInRow = 0;
  #pauseMs: number = BOUNDS.breakerOpenMs;
  /** Open: end of the pause. Half-open: when the trial counts as lost. */
  #untilMs = 0;
  readonly #requests = new RollingCount(BOUNDS.breakerWindowMs, SLOTS);
  readonly #failures = new RollingCount(BOUNDS.breakerWindowMs, SLOTS);

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether a request may be sent now. Asking changes nothing. */
  allows(nowMs: number): boolean {
    return this.#state === "closed" || nowMs >= this.#untilMs;
  }

  /** A request is being sent; behind a pause that is over it becomes the trial. */
  began(nowMs: number): void {
    if (this.#state === "closed" || nowMs < this.#untilMs) return;
    this.#state = "half-open";
    this.#untilMs = nowMs + BOUNDS.breakerTrialMsMax;
  }

  /** An answer came. While open it belongs to a request from before, and only a trial closes. */
  succeeded(nowMs: number): void {
    if (this.#state === "closed") {
      this.#failuresInRow = 0;
      this.#pauseMs = BOUNDS.breakerOpenMs;
      this.#requests.add(nowMs);
    } else if (this.#state === "half-open") this.#close();
  }

  /** An answer has begun. Enough of a trial, since the whole of it may take minutes; its failure is not forgotten until one has succeeded. */
  answered(): void {
    if (this.#state !== "half-open") return;
    const pauseMs = this.#pauseMs;
    this.#close();
    this.#pauseMs = pauseMs;
    this.#failuresInRow = BOUNDS.breakerFailuresMax - 1;
  }

  /** The backend had stopped answering at all, and does so again. */
  revived(nowMs: number): void {
    if (this.#state === "closed") return;
    this.#pauseMs = BOUNDS.breakerOpenMs;
    this.#untilMs = nowMs;
  }

  /** The backend failed a request. */
  failed(nowMs: number): void {
    if (this.#state === "half-open") {
      this.#pauseMs = Math.min(this.#pauseMs * 2, BOUNDS.breakerOpenMsMax);
      this.#open(nowMs);
    } else if (this.#state === "closed") {
      this.#failuresInRow += 1;
      this.#requests.add(nowMs);
      this.#failures.add(nowMs);
      if (this.#tooMany(nowMs)) this.#open(nowMs);
    }
  }

  /** A request ended without a verdict on the backend: if it was the trial, the next request is. */
  released(nowMs: number): void {
    if (this.#state === "half-open") this.#untilMs = nowMs;
  }

  #tooMany(nowMs: number): boolean {
    if (this.#failuresInRow >= BOUNDS.breakerFailuresMax) return true;
    const requests = this.#requests.sum(nowMs);
    return requests >= BOUNDS.breakerRequestsMin && this.#failures.sum(nowMs) >= requests * BOUNDS.breakerErrorRatioMax;
  }

  #open(nowMs: number): void {
    this.#state = "open";
    this.#untilMs = nowMs + this.#pauseMs;
  }

  #close(): void {
    this.#state = "closed";
    this.#failuresInRow = 0;
    this.#pauseMs = BOUNDS.breakerOpenMs;
    this.#requests.clear();
    this.#failures.clear();
  }
}
