/** Time as Node has it. Timers do not keep the process alive: only sockets do. */
import type { Clock } from "../../ports.ts";

export const nodeClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every(ms, then) {
    const timer = setInterval(then, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
  // After the poll phase: every socket that became readable in this turn has been handled by then.
  turn: (then) => void setImmediate(then),
};

/** Waits, and keeps the process alive until then. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
