/** Begins to follow requests: reads what their heads say of tracing, and draws which are sampled. */
import type { Wire } from "../../domain/call.ts";
import type { Arrival, Clock, Random, RequestSpan, Tracer } from "../../ports.ts";
import { type Finished, FollowedRequest } from "./followed.ts";
import { parentOf } from "./traceparent.ts";

export interface TracerParts {
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly random: Pick<Random, "unit">;
  /** Share of the requests that are sampled, 0 to 1. */
  readonly ratio: number;
  readonly finished: (request: Finished) => void;
}

export class SamplingTracer implements Tracer {
  readonly #parts: TracerParts;

  constructor(parts: TracerParts) {
    this.#parts = parts;
  }

  start(arrival: Pick<Arrival, "header" | "values">, wire: Wire): RequestSpan {
    const { clock, random, ratio, finished } = this.#parts;
    const parent = arrival.header("traceparent") === undefined ? undefined : parentOf(arrival.values("traceparent"));
    // A caller may ask to be left out; that it asks to be in must not fill the queue of the others, so the ratio holds for it as well.
    const sampled = parent?.sampled !== false && random.unit() < ratio;
    const head = { wire, atMs: clock.nowMs(), require: arrival.header("sovereignty-require"), parent, sampled };
    return new FollowedRequest(head, clock, finished);
  }
}
