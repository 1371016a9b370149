/** The requests that run now: marked once a second so that a crash leaves little uncounted, ended when their time is over, waited for on a drain. */
import { BOUNDS } from "../bounds.ts";
import type { Call } from "../domain/call.ts";
import type { RequestId } from "../domain/ids.ts";
import type { Clock, Gate, Stop } from "../ports.ts";
import type { Hold } from "./admit.ts";
import type { Delivery } from "./delivery.ts";
import { billOf } from "./settle.ts";

interface Running {
  readonly call: Call;
  readonly hold: Hold;
  readonly delivery: Delivery;
  /** Monotonic, of its admission. */
  readonly startedMs: number;
}

export class Live {
  readonly #gate: Pick<Gate, "checkpoint">;
  readonly #running = new Map<RequestId, Running>();
  #inside = 0;
  #onEmpty: (() => void) | undefined;

  constructor(gate: Pick<Gate, "checkpoint">) {
    this.#gate = gate;
  }

  /** Each checkpointMs marks every running request that has used something, and ends those that have had their time. */
  start(clock: Pick<Clock, "every" | "monotonicMs">): Stop {
    return clock.every(BOUNDS.checkpointMs, () => this.#look(clock.monotonicMs()));
  }

  /** A request has come in, whatever becomes of it. */
  enter(): void {
    this.#inside += 1;
  }

  /** It is over, its settlement included. */
  leave(): void {
    this.#inside -= 1;
    if (this.#inside === 0) this.#onEmpty?.();
  }

  /** It is admitted. */
  begin(request: RequestId, running: Running): void {
    this.#running.set(request, running);
  }

  end(request: RequestId): void {
    this.#running.delete(request);
  }

  /** Requests admitted and not settled. */
  get size(): number {
    return this.#running.size;
  }

  /** Resolves when nothing is inside any more: neither what runs nor what still sends its body or waits for another request. */
  empty(): Promise<void> {
    if (this.#inside === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#onEmpty = resolve));
  }

  #look(nowMs: number): void {
    for (const [request, running] of this.#running) {
      if (nowMs - running.startedMs > BOUNDS.totalMsMax) running.delivery.expire();
      else if (running.delivery.started) this.#mark(request, running);
    }
  }

  #mark(request: RequestId, { call, hold, delivery }: Running): void {
    const { usage, amount } = billOf(call, hold, { observed: delivery.observed, outcome: "abandoned" });
    if (usage.promptTokens + usage.completionTokens > 0) this.#gate.checkpoint(request, usage, amount);
  }
}
