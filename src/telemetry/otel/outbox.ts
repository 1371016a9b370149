/**
 * Where finished requests wait. Requests only put themselves in; the law is asked later, and for spans once more in the instant before they
 * are sent. Both queues are bounded: what does not fit is counted and forgotten, and a collector that is gone costs the requests nothing.
 */
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { BOUNDS } from "../../bounds.ts";
import type { Clock } from "../../ports.ts";
import type { Trouble } from "./collector.ts";
import type { Counts } from "./counts.ts";
import type { Finished } from "./followed.ts";
import { type Admits, Hearing, named } from "./hearing.ts";
import type { Numbers } from "./numbers.ts";

export interface OutboxParts {
  readonly clock: Pick<Clock, "turn">;
  readonly admits: Admits;
  readonly counts: Counts;
  readonly numbers: Pick<Numbers, "add">;
  readonly spansOf: (request: Finished) => ReadableSpan[];
  readonly send: (spans: ReadableSpan[]) => Promise<Trouble>;
  /** Told the end of every export. */
  readonly ended: (trouble: Trouble) => void;
}

export class Outbox {
  readonly #parts: OutboxParts;
  #arrived: Finished[] = [];
  #sampled: Finished[] = [];
  #shipping: Promise<void> | undefined;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  offer(request: Finished): void {
    if (this.#arrived.length >= BOUNDS.otlpQueueRequestsMax) return this.#drop(request);
    this.#arrived.push(request);
    if (this.#arrived.length === BOUNDS.otlpDrainRequests) this.#parts.clock.turn(() => this.drain());
  }

  /** Asks the law of some that have arrived, counts them, and keeps those whose spans are to go out. */
  drain(): void {
    const { admits, clock, counts, numbers } = this.#parts;
    const some = this.#arrived.splice(0, BOUNDS.otlpDrainRequests);
    const hearing = new Hearing(admits);
    for (const request of some) {
      const question = named(request);
      const allowed = question !== undefined && hearing.allows(question);
      if (!allowed) this.#withhold(request);
      else {
        if (!numbers.add(request, question)) counts.requests("metrics", "dropped");
        if (request.sampled) this.#keep(request);
      }
    }
    if (this.#arrived.length > 0) clock.turn(() => this.drain());
    if (this.#sampled.length >= BOUNDS.otlpBatchRequests) void this.ship();
  }

  /** Sends what is kept, batch after batch, until nothing is left or an export fails. Never rejects. */
  ship(): Promise<void> {
    return (this.#shipping ??= this.#shipAll().finally(() => (this.#shipping = undefined)));
  }

  /** Everything, before the end. */
  async flush(): Promise<void> {
    while (this.#arrived.length > 0) this.drain();
    await this.ship();
  }

  async #shipAll(): Promise<void> {
    let trouble: Trouble;
    while (this.#sampled.length > 0 && trouble === undefined) trouble = await this.#shipBatch();
  }

  async #shipBatch(): Promise<Trouble> {
    const { admits, counts, ended, send, spansOf } = this.#parts;
    const hearing = new Hearing(admits);
    const batch = this.#sampled.splice(0, BOUNDS.otlpBatchRequests).filter((request) => {
      const question = named(request);
      const allowed = question !== undefined && hearing.allows(question);
      if (!allowed) counts.requests("traces", "withheld");
      return allowed;
    });
    if (batch.length === 0) return undefined;
    const trouble = await send(batch.flatMap(spansOf));
    counts.requests("traces", trouble === undefined ? "sent" : "dropped", batch.length);
    ended(trouble);
    return trouble;
  }

  #keep(request: Finished): void {
    if (this.#sampled.length < BOUNDS.otlpQueueRequestsMax) this.#sampled.push(request);
    else this.#parts.counts.requests("traces", "dropped");
  }

  #withhold({ sampled }: Finished): void {
    this.#parts.counts.requests("metrics", "withheld");
    if (sampled) this.#parts.counts.requests("traces", "withheld");
  }

  #drop({ sampled }: Finished): void {
    this.#parts.counts.requests("metrics", "dropped");
    if (sampled) this.#parts.counts.requests("traces", "dropped");
  }
}
