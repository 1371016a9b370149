/** The requests that run now: marked once a second so that a crash leaves little uncounted, ended when their time is over, waited for on a drain. */
import { BOUNDS } from "../bounds.ts";
import type { Call } from "../domain/call.ts";
import type { RequestId } from "../domain/ids.ts";
import { Roster, type Enrolled } from "../domain/roster.ts";
import { NO_USAGE } from "../domain/usage.ts";
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

/** In its place among those that run. */
interface Entry extends Running, Enrolled {
  readonly request: RequestId;
}

export class Live {
  readonly #gate: Pick<Gate, "checkpoint">;
  readonly #own: Pick<Clock, "every" | "monotonicMs"> | undefined;
  readonly #running = new Roster<Entry>();
  #inside = 0;
  #onEmpty: (() => void) | undefined;

  /** @param own where a timer belongs to the request that set it: each request looks after itself, and `start` is not used */
  constructor(gate: Pick<Gate, "checkpoint">, own?: Pick<Clock, "every" | "monotonicMs">) {
    this.#gate = gate;
    this.#own = own;
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

  /** It is admitted. @returns what to call when it has ended */
  begin(request: RequestId, { call, hold, delivery, startedMs }: Running): Stop {
    const entry: Entry = { request, call, hold, delivery, startedMs, place: -1 };
    this.#running.add(entry);
    const own = this.#own;
    if (own === undefined) return () => this.#running.delete(entry);
    const stop = own.every(BOUNDS.leaseRenewMs, () => this.#renew(entry, own.monotonicMs()));
    return () => {
      stop();
      this.#running.delete(entry);
    };
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
    this.#running.forEach((entry) => {
      if (nowMs - entry.startedMs > BOUNDS.totalMsMax) entry.delivery.expire();
      else if (entry.delivery.started) this.#mark(entry);
    });
  }

  /** Its hold is a lease: it shows that it lives even where nothing has come yet. */
  #renew(entry: Entry, nowMs: number): void {
    if (nowMs - entry.startedMs > BOUNDS.totalMsMax) return entry.delivery.expire();
    const { call, hold, delivery } = entry;
    const used = delivery.started
      ? billOf(call, hold, { observed: delivery.observed, outcome: "abandoned" })
      : { usage: NO_USAGE, amount: 0 };
    this.#gate.checkpoint(entry.request, used.usage, used.amount);
  }

  #mark({ request, call, hold, delivery }: Entry): void {
    const { usage, amount } = billOf(call, hold, { observed: delivery.observed, outcome: "abandoned" });
    if (usage.promptTokens + usage.completionTokens > 0) this.#gate.checkpoint(request, usage, amount);
  }
}
