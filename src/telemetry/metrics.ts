/**
 * Prometheus metrics. Every label takes its values from what is declared or from a closed table, so the number of series is bounded.
 * Requests add to plain numbers; labels are looked at when somebody scrapes.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RequestRecord } from "../ports.ts";

/** What a scrape reads from the running gateway. */
export interface Gauges {
  requestsInFlight(): number;
  backends(): readonly { readonly id: string; readonly inFlight: number; readonly up: boolean }[];
}

const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const LABELS = ["route", "msp", "model"] as const;

/** What is counted for one (route, msp, model). */
interface Series {
  readonly labels: Readonly<Record<(typeof LABELS)[number], string>>;
  readonly duration: Histogram.Internal<string>;
  readonly firstByte: Histogram.Internal<string>;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  readonly ends: Map<string, { readonly status: string; readonly outcome: string; count: number }>;
}

export class Metrics {
  readonly registry = new Registry();
  readonly #series = new Map<string, Series>();
  readonly #backends = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  readonly #duration: Histogram<(typeof LABELS)[number]>;
  readonly #firstByte: Histogram<(typeof LABELS)[number]>;

  constructor(gauges: Gauges) {
    const common = { labelNames: LABELS, buckets: SECONDS, registers: [this.registry] };
    this.#duration = new Histogram({ ...common, name: "gateway_request_duration_seconds", help: "Head to settlement" });
    this.#firstByte = new Histogram({ ...common, name: "gateway_first_byte_seconds", help: "Head to first byte of the answer" });
    this.#counters();
    this.#gauges(gauges);
  }

  count(record: RequestRecord): void {
    const series = this.#seriesOf(record);
    const name = `${String(record.status)} ${record.outcome}`;
    const end = series.ends.get(name);
    if (end === undefined) series.ends.set(name, { status: String(record.status), outcome: record.outcome, count: 1 });
    else end.count += 1;
    series.duration.observe(record.durationMs / 1000);
    if (record.firstByteMs !== undefined) series.firstByte.observe(record.firstByteMs / 1000);
    if (record.backend !== undefined) add(this.#backends, record.backend);
    if (record.fault !== undefined) add(this.#faults, record.fault);
    const { usage } = record;
    if (usage === undefined) return;
    series.promptTokens += usage.promptTokens;
    series.cachedTokens += usage.cachedTokens;
    series.completionTokens += usage.completionTokens;
  }

  #seriesOf(record: RequestRecord): Series {
    const labels = { route: record.route, msp: record.principal?.msp.id ?? "", model: record.model ?? "" };
    const name = `${labels.route} ${labels.msp} ${labels.model}`;
    let series = this.#series.get(name);
    if (series === undefined) {
      const [duration, firstByte] = [this.#duration.labels(labels), this.#firstByte.labels(labels)];
      series = { labels, duration, firstByte, promptTokens: 0, cachedTokens: 0, completionTokens: 0, ends: new Map() };
      this.#series.set(name, series);
    }
    return series;
  }

  #counters(): void {
    const registers = [this.registry];
    const [all, backends, faults] = [this.#series, this.#backends, this.#faults];
    new Counter({
      name: "gateway_requests_total",
      help: "Requests that ended",
      labelNames: [...LABELS, "status", "outcome"],
      registers,
      collect() {
        this.reset();
        for (const { labels, ends } of all.values())
          for (const { status, outcome, count } of ends.values()) this.inc({ ...labels, status, outcome }, count);
      },
    });
    new Counter({
      name: "gateway_tokens_total",
      help: "Tokens settled",
      labelNames: ["msp", "model", "kind"],
      registers,
      collect() {
        this.reset();
        for (const series of all.values()) {
          const { msp, model } = series.labels;
          if (model === "") continue;
          this.inc({ msp, model, kind: "prompt" }, series.promptTokens);
          this.inc({ msp, model, kind: "cached" }, series.cachedTokens);
          this.inc({ msp, model, kind: "completion" }, series.completionTokens);
        }
      },
    });
    counterOf(
      { name: "gateway_backend_requests_total", help: "Requests that ended at a backend", label: "backend", counts: backends },
      this.registry,
    );
    counterOf({ name: "gateway_faults_total", help: "Requests that ended in a fault", label: "fault", counts: faults }, this.registry);
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
        this.reset();
        for (const backend of gauges.backends()) this.set({ backend: backend.id }, backend.inFlight);
      },
    });
    new Gauge({
      name: "gateway_backend_up",
      help: "1 when a backend answers its probes",
      labelNames: ["backend"],
      // Of several processes: as any of them sees it.
      aggregator: "max",
      registers,
      collect() {
        this.reset();
        for (const backend of gauges.backends()) this.set({ backend: backend.id }, backend.up ? 1 : 0);
      },
    });
  }
}

interface Counted {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly counts: ReadonlyMap<string, number>;
}

function counterOf({ name, help, label, counts }: Counted, registry: Registry): void {
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, count] of counts) this.inc({ [label]: value }, count);
    },
  });
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
