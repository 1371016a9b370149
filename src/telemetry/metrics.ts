/** Prometheus metrics. Every label takes its values from what is declared or from a closed table, so the number of series is bounded. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RequestRecord } from "../ports.ts";

/** What a scrape reads from the running gateway. */
export interface Gauges {
  requestsInFlight(): number;
  backends(): readonly { readonly id: string; readonly inFlight: number; readonly up: boolean }[];
}

const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** The few things that a series of one (route, msp, model) needs, looked up once. */
interface Series {
  readonly duration: Histogram.Internal<string>;
  readonly firstByte: Histogram.Internal<string>;
  readonly promptTokens: Counter.Internal;
  readonly cachedTokens: Counter.Internal;
  readonly completionTokens: Counter.Internal;
  readonly byStatus: Map<string, Counter.Internal>;
}

export class Metrics {
  readonly registry = new Registry();
  readonly #series = new Map<string, Series>();
  readonly #requests: Counter<"route" | "msp" | "model" | "status" | "outcome">;
  readonly #tokens: Counter<"msp" | "model" | "kind">;
  readonly #duration: Histogram<"route" | "msp" | "model">;
  readonly #firstByte: Histogram<"route" | "msp" | "model">;
  readonly #attempts: Counter<"backend">;
  readonly #faults: Counter<"fault">;

  constructor(gauges: Gauges) {
    const registers = [this.registry];
    const labels = ["route", "msp", "model"] as const;
    this.#requests = new Counter({ name: "gateway_requests_total", help: "Requests that ended", labelNames: [...labels, "status", "outcome"], registers });
    this.#tokens = new Counter({ name: "gateway_tokens_total", help: "Tokens settled", labelNames: ["msp", "model", "kind"], registers });
    this.#duration = new Histogram({ name: "gateway_request_duration_seconds", help: "Head to settlement", labelNames: labels, buckets: SECONDS, registers });
    this.#firstByte = new Histogram({ name: "gateway_first_byte_seconds", help: "Head to first byte of the answer", labelNames: labels, buckets: SECONDS, registers });
    this.#attempts = new Counter({ name: "gateway_backend_requests_total", help: "Requests that ended at a backend", labelNames: ["backend"], registers });
    this.#faults = new Counter({ name: "gateway_faults_total", help: "Requests that ended in a fault", labelNames: ["fault"], registers });
    this.#gauges(gauges);
  }

  count(record: RequestRecord): void {
    const series = this.#seriesOf(record);
    const end = `${String(record.status)} ${record.outcome}`;
    let counter = series.byStatus.get(end);
    if (counter === undefined) series.byStatus.set(end, (counter = this.#requests.labels({ ...labelsOf(record), status: String(record.status), outcome: record.outcome })));
    counter.inc();
    series.duration.observe(record.durationMs / 1000);
    if (record.firstByteMs !== undefined) series.firstByte.observe(record.firstByteMs / 1000);
    if (record.backend !== undefined) this.#attempts.inc({ backend: record.backend });
    if (record.fault !== undefined) this.#faults.inc({ fault: record.fault });
    const { usage } = record;
    if (usage === undefined) return;
    series.promptTokens.inc(usage.promptTokens);
    series.cachedTokens.inc(usage.cachedTokens);
    series.completionTokens.inc(usage.completionTokens);
  }

  #seriesOf(record: RequestRecord): Series {
    const labels = labelsOf(record);
    const name = `${labels.route} ${labels.msp} ${labels.model}`;
    const known = this.#series.get(name);
    if (known !== undefined) return known;
    const tokens = (kind: string): Counter.Internal => this.#tokens.labels({ msp: labels.msp, model: labels.model, kind });
    const made: Series = {
      duration: this.#duration.labels(labels),
      firstByte: this.#firstByte.labels(labels),
      promptTokens: tokens("prompt"),
      cachedTokens: tokens("cached"),
      completionTokens: tokens("completion"),
      byStatus: new Map(),
    };
    this.#series.set(name, made);
    return made;
  }

  #gauges(gauges: Gauges): void {
    const registers = [this.registry];
    new Gauge({
      name: "gateway_requests_in_flight",
      help: "Requests that hold a reservation",
      registers,
      collect() {
        this.set(gauges.requestsInFlight());
      },
    });
    new Gauge({
      name: "gateway_backend_in_flight",
      help: "Requests at a backend",
      labelNames: ["backend"],
      registers,
      collect() {
        for (const backend of gauges.backends()) this.set({ backend: backend.id }, backend.inFlight);
      },
    });
    new Gauge({
      name: "gateway_backend_up",
      help: "1 when a backend answers its probes",
      labelNames: ["backend"],
      registers,
      collect() {
        for (const backend of gauges.backends()) this.set({ backend: backend.id }, backend.up ? 1 : 0);
      },
    });
  }
}

function labelsOf(record: RequestRecord): { route: string; msp: string; model: string } {
  return { route: record.route, msp: record.principal?.msp.id ?? "", model: record.model ?? "" };
}
