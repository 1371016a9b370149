/** What became of the requests that were to be exported: shown on the cell's own page of metrics, for the collector cannot tell what it did not get. */
import { Counter, type Registry } from "prom-client";

export type Signal = "traces" | "metrics";

/** sent: to the collector, or added to what is sent next. withheld: its law does not permit the collector. dropped: no room, or a failed export. */
export type Fate = "sent" | "withheld" | "dropped";

const SIGNALS = ["traces", "metrics"] as const;
const FATES = ["sent", "withheld", "dropped"] as const;

export class Counts {
  readonly #requests = new Map<string, number>();
  readonly #exports = new Map<string, number>();

  requests(signal: Signal, fate: Fate, count = 1): void {
    add(this.#requests, `${signal} ${fate}`, count);
  }

  exported(signal: Signal, result: "sent" | "failed"): void {
    add(this.#exports, `${signal} ${result}`, 1);
  }

  requestsOf(signal: Signal, fate: Fate): number {
    return this.#requests.get(`${signal} ${fate}`) ?? 0;
  }

  exportsOf(signal: Signal, result: "sent" | "failed"): number {
    return this.#exports.get(`${signal} ${result}`) ?? 0;
  }

  /** Shown from now on; what did not happen is shown as 0. */
  show(registry: Registry): void {
    const requests = (signal: Signal, fate: Fate): number => this.requestsOf(signal, fate);
    const exports = (signal: Signal, result: "sent" | "failed"): number => this.exportsOf(signal, result);
    new Counter({
      name: "gateway_otlp_requests_total",
      help: "Finished requests by what became of them on their way to the OTLP collector",
      labelNames: ["signal", "result"],
      registers: [registry],
      collect() {
        this.reset();
        for (const signal of SIGNALS) for (const result of FATES) this.inc({ signal, result }, requests(signal, result));
      },
    });
    new Counter({
      name: "gateway_otlp_exports_total",
      help: "Exports to the OTLP collector",
      labelNames: ["signal", "result"],
      registers: [registry],
      collect() {
        this.reset();
        for (const signal of SIGNALS)
          for (const result of ["sent", "failed"] as const) this.inc({ signal, result }, exports(signal, result));
      },
    });
  }
}

function add(counts: Map<string, number>, name: string, more: number): void {
  counts.set(name, (counts.get(name) ?? 0) + more);
}
