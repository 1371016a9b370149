/** A collector as far as a test needs one: takes OTLP over HTTP, keeps every byte, and reads what was sent the way a collector does. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A span or a data point with its attributes as plain values. */
export interface ReadSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** Milliseconds. */
  readonly tookMs: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ReadPoint {
  readonly metric: string;
  readonly unit: string;
  readonly count: number;
  readonly sum: number;
  readonly bounds: readonly number[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface WireAttribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: number | string;
    readonly doubleValue?: number;
    readonly boolValue?: boolean;
  };
}

interface WireSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number };
  readonly attributes: readonly WireAttribute[];
}

interface WirePoint {
  readonly count: number | string;
  readonly sum: number;
  readonly explicitBounds: readonly number[];
  readonly attributes: readonly WireAttribute[];
}

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

const TAKES: Answer = (_, outgoing) => void outgoing.writeHead(200, { "content-type": "application/json" }).end("{}");

export class OtlpReceiver {
  readonly received: Received[] = [];
  /** How it answers from now on. */
  answer: Answer = TAKES;
  readonly #server: Server = createServer((incoming, outgoing) => this.#take(incoming, outgoing));

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/otlp`;
  }

  /** Everything that was sent, heads included. */
  get bytes(): string {
    return this.received.map(({ path, headers, body }) => `${path} ${JSON.stringify(headers)} ${body}`).join("\n");
  }

  get spans(): readonly ReadSpan[] {
    return this.#bodies("/otlp/v1/traces").flatMap((body: { resourceSpans: { scopeSpans: { spans: WireSpan[] }[] }[] }) =>
      body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(readSpan))),
    );
  }

  /** The newest export alone: sums are cumulative. */
  get points(): readonly ReadPoint[] {
    return this.#bodies("/otlp/v1/metrics")
      .slice(-1)
      .flatMap(
        (body: {
          resourceMetrics: { scopeMetrics: { metrics: { name: string; unit: string; histogram: { dataPoints: WirePoint[] } }[] }[] }[];
        }) =>
          body.resourceMetrics.flatMap(({ scopeMetrics }) =>
            scopeMetrics.flatMap(({ metrics }) =>
              metrics.flatMap(({ name, unit, histogram }) =>
                histogram.dataPoints.map((point) => ({
                  metric: name,
                  unit,
                  count: Number(point.count),
                  sum: point.sum,
                  bounds: point.explicitBounds,
                  attributes: plain(point.attributes),
                })),
              ),
            ),
          ),
      );
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #bodies(path: string) {
    return this.received.filter((each) => each.path === path).map(({ body }) => JSON.parse(body));
  }

  #take(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      this.received.push({ path: incoming.url ?? "", headers: incoming.headers, body: Buffer.concat(chunks).toString() });
      this.answer(incoming, outgoing);
    });
  }
}

function readSpan(span: WireSpan): ReadSpan {
  const { name, kind, traceId, spanId, parentSpanId } = span;
  return {
    name,
    kind,
    traceId,
    spanId,
    parentSpanId: parentSpanId === "" ? undefined : parentSpanId,
    tookMs: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
    failed: span.status.code === 2,
    attributes: plain(span.attributes),
  };
}

function plain(attributes: readonly WireAttribute[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? (value.intValue === undefined ? undefined : Number(value.intValue)),
    ]),
  );
}
