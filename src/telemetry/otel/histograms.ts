/** The metrics of the conventions for generative AI. They are added up as OpenTelemetry's own program does it, and read when they are to be sent. */
import type { Attributes, Histogram } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { MeterProvider, MetricReader, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { BOUNDS } from "../../bounds.ts";
import { BOUNDARIES, commonAttributes, errorType } from "./conventions.ts";
import type { Finished } from "./followed.ts";

/** Read by whoever sends: it has no timer of its own. */
class AskedReader extends MetricReader {
  constructor() {
    super({ cardinalitySelector: () => BOUNDS.otlpSeriesMax });
  }

  protected onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

export class Histograms {
  readonly #reader = new AskedReader();
  readonly #duration: Histogram;
  readonly #firstToken: Histogram;
  readonly #perToken: Histogram;
  readonly #tokens: Histogram;

  constructor(resource: Resource, scope: { readonly name: string; readonly version: string }) {
    const meter = new MeterProvider({ resource, readers: [this.#reader] }).getMeter(scope.name, scope.version);
    const histogram = (name: string, boundaries: readonly number[], [unit, description]: readonly [string, string]): Histogram =>
      meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...boundaries] } });
    this.#duration = histogram("gen_ai.server.request.duration", BOUNDARIES.duration, ["s", "Head to settlement"]);
    this.#firstToken = histogram("gen_ai.server.time_to_first_token", BOUNDARIES.firstToken, ["s", "Head to first byte of a stream"]);
    this.#perToken = histogram("gen_ai.server.time_per_output_token", BOUNDARIES.perToken, ["s", "Time of each token after the first"]);
    this.#tokens = histogram("gen_ai.client.token.usage", BOUNDARIES.tokens, ["{token}", "Tokens settled"]);
  }

  record(request: Finished): void {
    const { record } = request;
    const common = commonAttributes(request);
    const error = errorType(request);
    this.#duration.record(record.durationMs / 1000, error === undefined ? common : { ...common, "error.type": error });
    this.#countTokens(request, common);
    if (!record.stream || record.outcome !== "served" || record.firstByteMs === undefined) return;
    this.#firstToken.record(record.firstByteMs / 1000, common);
    const more = (record.usage?.completionTokens ?? 0) - 1;
    if (more > 0) this.#perToken.record((record.durationMs - record.firstByteMs) / 1000 / more, common);
  }

  async collect(): Promise<ResourceMetrics> {
    const { resourceMetrics } = await this.#reader.collect();
    return resourceMetrics;
  }

  #countTokens({ record, wire }: Finished, common: Attributes): void {
    const { usage } = record;
    if (usage === undefined || usage.source === "none") return;
    this.#tokens.record(usage.promptTokens, { ...common, "gen_ai.token.type": "input" });
    if (wire === "chat" || wire === "completions" || wire === "responses")
      this.#tokens.record(usage.completionTokens, { ...common, "gen_ai.token.type": "output" });
  }
}
