/** What leaves the cell about its requests: traces and metrics over OTLP, to an exporter with facts of its own. */
import { z } from "zod";
import { BOUNDS } from "../../bounds.ts";
import { certificates, facts } from "./facts.ts";
import { baseUrl, idText, label, secret } from "./scalars.ts";

/** Headers that belong to the exchange itself. */
const TAKEN = /^(connection|content-.*|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/;

const headerName = z
  .string()
  .max(100)
  .regex(/^[a-z0-9][a-z0-9_-]*$/, { error: "a header's name is lower-case letters, digits, dash and underscore", abort: true })
  .refine((name) => !TAKEN.test(name), "this header is the exporter's own");

const traces = z.strictObject({
  ratio: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe("Share of the requests whose spans are exported, 0 to 1. A caller's traceparent that says not sampled counts as well."),
});

const metrics = z.strictObject({
  interval_ms: z
    .int()
    .min(BOUNDS.otlpMetricsIntervalMsMin)
    .max(BOUNDS.otlpMetricsIntervalMsMax)
    .default(60_000)
    .describe("How often metrics are exported, in milliseconds."),
});

const otlp = z.strictObject({
  endpoint: baseUrl.describe("Where the collector answers OTLP over HTTP: http(s)://host[:port][/prefix], without /v1/traces."),
  headers: z
    .record(headerName, secret)
    .default({})
    .describe("Headers sent with every export, by lower-case name: {env: NAME} or {file: PATH}, e.g. authorization."),
  site: idText
    .optional()
    .describe("Site the collector stands at; its facts and its operator's are inherited, and its operator's rules are asked."),
  facts,
  certificates,
  service_name: label.default("bailiwick").describe("What traces and metrics call this gateway (`service.name`)."),
  traces: traces.prefault({}).describe("Spans: one a request, and one inside it for each attempt at a backend."),
  metrics: metrics.prefault({}).describe("Histograms of time and tokens, without names of tenants."),
});

export const telemetry = z.strictObject({
  otlp: otlp
    .optional()
    .describe(
      "OpenTelemetry export. The collector is judged like a backend: of a request whose rules do not permit its place nothing is exported. A change needs a restart, save of its facts.",
    ),
});
