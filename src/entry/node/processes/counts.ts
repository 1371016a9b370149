/** The metrics of all processes as one page: counts of those that are gone stay in the sum, or a scraper would see counters go backwards. */
import { AggregatorRegistry } from "prom-client";
import { z } from "zod";

/** What getMetricsAsJSON gives. */
const metrics = z.array(z.looseObject({ name: z.string(), type: z.string() }));
export type Counted = z.infer<typeof metrics>;

export class Counts {
  /** As the last scrape saw it, by who was asked. */
  readonly #last = new Map<object, Counted>();
  #past: Counted = [];

  /** Prometheus text. @param own what the parent has counted: it has nothing in flight, and asks no engine. @param present what each process that lives says; undefined: it did not answer, and its last word stands */
  async page(own: unknown, present: readonly (readonly [object, unknown])[]): Promise<string> {
    for (const [who, said] of present) if (said !== undefined) this.#last.set(who, metrics.parse(said));
    return AggregatorRegistry.aggregate([counters(metrics.parse(own)), this.#past, ...this.#last.values()]).metrics();
  }

  /** It is gone. What it was doing then is done by nobody now; what it had done counts. */
  async left(who: object): Promise<void> {
    const last = this.#last.get(who);
    this.#last.delete(who);
    if (last === undefined) return;
    this.#past = metrics.parse(await AggregatorRegistry.aggregate([this.#past, counters(last)]).getMetricsAsJSON());
  }
}

function counters(counted: Counted): Counted {
  return counted.filter(({ type }) => type !== "gauge");
}
