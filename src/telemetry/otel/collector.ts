/** The way to the collector: OTLP over HTTP, as JSON. An export ends within its bound whatever the collector does. */
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { BOUNDS } from "../../bounds.ts";
import type { Exporter } from "../../domain/estate.ts";
import type { Clock } from "../../ports.ts";

/** One export of each signal at a time; one more, so that a last one fits behind one that hangs. */
const CONCURRENT_MAX = 2;
export const CONNECTIONS_MAX = 2 * CONCURRENT_MAX;

type Options = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;

/** Connections are the runtime's to make. */
export interface Connections {
  readonly agent: Extract<Options["httpAgentOptions"], (protocol: string) => unknown>;
  /** Ends all of them, in use or not. */
  cut(): void;
}

/** How an export ended; undefined: it arrived. */
export type Trouble = string | undefined;

export interface Collector {
  spans(spans: ReadableSpan[]): Promise<Trouble>;
  metrics(metrics: ResourceMetrics): Promise<Trouble>;
  /** Cuts what still runs. */
  close(): void;
}

type Result = { readonly code: number; readonly error?: Error };

export class HttpCollector implements Collector {
  readonly #clock: Pick<Clock, "after">;
  readonly #connections: Connections;
  readonly #spans: OTLPTraceExporter;
  readonly #metrics: OTLPMetricExporter;

  constructor({ endpoint, headers }: Pick<Exporter, "endpoint" | "headers">, connections: Connections, clock: Pick<Clock, "after">) {
    this.#clock = clock;
    this.#connections = connections;
    const common = {
      headers: Object.fromEntries(headers),
      timeoutMillis: BOUNDS.otlpExportMsMax,
      concurrencyLimit: CONCURRENT_MAX,
      httpAgentOptions: connections.agent,
    };
    this.#spans = new OTLPTraceExporter({ ...common, url: `${endpoint}/v1/traces` });
    this.#metrics = new OTLPMetricExporter({ ...common, url: `${endpoint}/v1/metrics` });
  }

  spans(spans: ReadableSpan[]): Promise<Trouble> {
    return this.#within((done) => this.#spans.export(spans, done));
  }

  metrics(metrics: ResourceMetrics): Promise<Trouble> {
    return this.#within((done) => this.#metrics.export(metrics, done));
  }

  close(): void {
    this.#connections.cut();
  }

  /** A collector that answers byte by byte keeps the exporter's own timer quiet: after our time its connections are cut. */
  #within(send: (done: (result: Result) => void) => void): Promise<Trouble> {
    return new Promise((resolve) => {
      const stop = this.#clock.after(BOUNDS.otlpExportMsMax, () => {
        resolve("it did not answer in time");
        this.#connections.cut();
      });
      send(({ code, error }) => {
        stop();
        resolve(code === 0 ? undefined : reasonOf(error));
      });
    });
  }
}

/** A collector's own words are not repeated: nobody knows what they hold. */
function reasonOf(error: (Error & { readonly code?: unknown }) | undefined): string {
  const code = error?.code;
  return typeof code === "string" || typeof code === "number" ? String(code) : (error?.name ?? "it failed");
}
