/** OpenTelemetry put together: follows requests, and sends what the law lets go. Loaded only where the configuration names a collector. */
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { Registry } from "prom-client";
import { BOUNDS } from "../../bounds.ts";
import type { Exporter } from "../../domain/estate.ts";
import type { Clock, Random, Stop, Tracer } from "../../ports.ts";
import type { Collector, Trouble } from "./collector.ts";
import { Counts, type Signal } from "./counts.ts";
import { type Admits, Hearing } from "./hearing.ts";
import { Histograms } from "./histograms.ts";
import { Numbers } from "./numbers.ts";
import { Outbox } from "./outbox.ts";
import { spansOf } from "./spans.ts";
import { SamplingTracer } from "./tracer.ts";

export interface ExportingParts {
  readonly exporter: Exporter;
  readonly version: string;
  readonly clock: Clock;
  readonly random: Pick<Random, "unit" | "id">;
  /** By the newest law, now. */
  readonly admits: Admits;
  /** The cell's own page of metrics. */
  readonly registry: Registry;
  /** When exports begin to fail, and when they arrive again. */
  readonly say: (level: "warn" | "info", message: string, fields: object) => void;
  readonly collector: Collector;
}

const SPAN_ID_DIGITS = 16;

export class Exporting {
  readonly tracer: Tracer;
  readonly #parts: ExportingParts;
  readonly #collector: Collector;
  readonly #counts = new Counts();
  readonly #numbers: Numbers;
  readonly #outbox: Outbox;
  readonly #stops: readonly Stop[];
  readonly #failing = new Set<Signal>();

  constructor(parts: ExportingParts) {
    this.#parts = parts;
    const { exporter, version, clock, random, registry, admits } = parts;
    const collector = (this.#collector = parts.collector);
    this.#counts.show(registry);
    const scope = { name: "bailiwick", version };
    const resource = resourceFromAttributes({
      "service.name": exporter.serviceName,
      "service.version": version,
      "service.instance.id": random.id("instance"),
    });
    const counts = this.#counts;
    this.#numbers = new Numbers({
      counts,
      histograms: () => new Histograms(resource, scope),
      send: (metrics) => collector.metrics(metrics),
      ended: (trouble) => this.#ended("metrics", trouble),
    });
    const makers = { resource, scope, spanId: () => random.id("").slice(-SPAN_ID_DIGITS) };
    this.#outbox = new Outbox({
      clock,
      admits,
      counts,
      numbers: this.#numbers,
      spansOf: (request) => spansOf(request, makers),
      send: (spans) => collector.spans(spans),
      ended: (trouble) => this.#ended("traces", trouble),
    });
    this.tracer = new SamplingTracer({ clock, random, ratio: exporter.tracesRatio, finished: (request) => this.#outbox.offer(request) });
    this.#stops = [
      clock.every(BOUNDS.otlpDrainMs, () => this.#round()),
      clock.every(exporter.metricsIntervalMs, () => void this.#numbers.ship(new Hearing(admits))),
    ];
  }

  /** What waits goes out, as far as the collector takes it in time. */
  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    const { clock, admits } = this.#parts;
    const late = new Promise<void>((resolve) => void clock.after(BOUNDS.otlpCloseMsMax, resolve));
    const spans = this.#outbox.flush();
    await Promise.race([Promise.all([spans, this.#numbers.ship(new Hearing(admits))]), late]);
    this.#collector.close();
  }

  #round(): void {
    this.#outbox.drain();
    void this.#outbox.ship();
  }

  #ended(signal: Signal, trouble: Trouble): void {
    this.#counts.exported(signal, trouble === undefined ? "sent" : "failed");
    if ((trouble !== undefined) === this.#failing.has(signal)) return;
    const { endpoint } = this.#parts.exporter;
    if (trouble === undefined) {
      this.#failing.delete(signal);
      return this.#parts.say("info", "the collector takes exports again", { signal, endpoint });
    }
    this.#failing.add(signal);
    this.#parts.say("warn", "the collector does not take exports; they are dropped", { signal, endpoint, why: trouble });
  }
}
