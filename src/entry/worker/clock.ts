/** Time as the platform has it: it stands still while code runs, and a timer ends with the request that set it. */
import type { Clock } from "../../ports.ts";

/** The platform's clock of durations is that of the wall, so a step back is ironed out here. */
class WorkerClock implements Clock {
  #latestMs = 0;

  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return (this.#latestMs = Math.max(this.#latestMs, Date.now()));
  }

  after(ms: number, then: () => void): () => void {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  }

  every(ms: number, then: () => void): () => void {
    const timer = setInterval(then, ms);
    return () => clearInterval(timer);
  }

  turn(then: () => void): void {
    queueMicrotask(then);
  }
}

export const workerClock: Clock = new WorkerClock();
