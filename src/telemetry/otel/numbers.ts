/**
 * The metrics that wait to be sent, with the law behind them. Numbers of many requests are one sum, out of which nothing can be taken back: so
 * when the law of one of them has turned against the collector before they were sent, all that was added up is thrown away.
 */
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { BOUNDS } from "../../bounds.ts";
import type { Question } from "../../domain/law.ts";
import type { Trouble } from "./collector.ts";
import type { Counts } from "./counts.ts";
import type { Finished } from "./followed.ts";
import type { Hearing, Named } from "./hearing.ts";
import type { Histograms } from "./histograms.ts";

export interface NumbersParts {
  readonly counts: Counts;
  readonly histograms: () => Histograms;
  readonly send: (metrics: ResourceMetrics) => Promise<Trouble>;
  /** Told the end of every export. */
  readonly ended: (trouble: Trouble) => void;
}

export class Numbers {
  readonly #parts: NumbersParts;
  #histograms: Histograms;
  /** Questions of the requests that were added since the last export that arrived. */
  #unsent = new Map<string, Question>();
  #added = 0;
  #sending = false;

  constructor(parts: NumbersParts) {
    this.#parts = parts;
    this.#histograms = parts.histograms();
  }

  /** The law has just been asked. False: too many different questions wait to be asked again. */
  add(request: Finished, { name, question }: Named): boolean {
    if (!this.#unsent.has(name) && this.#unsent.size >= BOUNDS.otlpQuestionsMax) return false;
    this.#unsent.set(name, question);
    this.#added += 1;
    this.#histograms.record(request);
    return true;
  }

  /** One export, unless one runs or nothing is new. Never rejects. */
  async ship(hearing: Hearing): Promise<void> {
    if (this.#sending || this.#added === 0) return;
    if (!this.#mayBeSent(hearing)) return this.#throwAway();
    this.#sending = true;
    const sent = this.#unsent;
    const added = this.#added;
    this.#unsent = new Map();
    this.#added = 0;
    const trouble = await this.#collectAndSend();
    this.#sending = false;
    if (trouble === undefined) return this.#parts.counts.requests("metrics", "sent", added);
    // They are still in the sums, so they are still to be asked for.
    this.#added += added;
    for (const [name, question] of sent) this.#unsent.set(name, question);
  }

  async #collectAndSend(): Promise<Trouble> {
    let trouble: Trouble;
    try {
      trouble = await this.#parts.send(await this.#histograms.collect());
    } catch (error) {
      trouble = error instanceof Error ? error.name : "it failed";
    }
    this.#parts.ended(trouble);
    return trouble;
  }

  #mayBeSent(hearing: Hearing): boolean {
    for (const [name, question] of this.#unsent) if (!hearing.allows({ name, question })) return false;
    return true;
  }

  /** Sums begin anew, as after a restart; receivers know that from their start time. */
  #throwAway(): void {
    this.#parts.counts.requests("metrics", "withheld", this.#added);
    this.#histograms = this.#parts.histograms();
    this.#unsent.clear();
    this.#added = 0;
  }
}
