/** Gathers one small answer of an engine's status route into a promise; inference never passes here. */
import { BOUNDS } from "../bounds.ts";
import { Fault } from "../faults.ts";
import type { Failure, Listener, Upstream } from "../ports.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export class Collection implements Listener {
  readonly answer: Promise<Answer>;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (reason: Fault) => void;
  readonly #chunks: Buffer[] = [];
  #upstream: Upstream | undefined;
  #bytes = 0;
  #status = 0;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** The exchange to cut when the answer grows too large. */
  over(upstream: Upstream): void {
    this.#upstream = upstream;
  }

  head(status: number): void {
    this.#status = status;
  }

  data(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= BOUNDS.metricsBytesMax) {
      this.#chunks.push(chunk);
      return;
    }
    this.#chunks.length = 0;
    this.#upstream?.cancel();
    this.#reject(new Fault("engine_failed", { detail: "a status route answered with too many bytes" }));
  }

  end(): void {
    this.#resolve({ status: this.#status, body: Buffer.concat(this.#chunks, this.#bytes).toString("utf8") });
  }

  fail(failure: Failure): void {
    this.#reject(failure.fault);
  }
}
