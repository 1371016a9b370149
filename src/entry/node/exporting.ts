/** Traces and metrics over OTLP on Node, asked of the newest law. Loaded only where the configuration names a collector. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Exporter } from "../../domain/estate.ts";
import { sinkAdmits } from "../../policies/sink.ts";
import type { Random } from "../../ports.ts";
import { type Connections, CONNECTIONS_MAX, HttpCollector } from "../../telemetry/otel/collector.ts";
import { Exporting } from "../../telemetry/otel/exporting.ts";
import type { Admits } from "../../telemetry/otel/hearing.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { version } from "../version.ts";
import { nodeClock } from "./clock.ts";
import type { EstateInForce } from "./in-force.ts";
import type { ProcessLog } from "./logger.ts";

export interface ExportingNeeds {
  readonly law: Pick<EstateInForce, "estate">;
  readonly random: Random;
  readonly log: ProcessLog;
  readonly metrics: Metrics;
}

export function openExporting(exporter: Exporter, { law, random, log, metrics }: ExportingNeeds): Exporting {
  return new Exporting({
    exporter,
    version: version(),
    clock: nodeClock,
    random,
    admits: lawOf(exporter, law),
    registry: metrics.registry,
    collector: new HttpCollector(exporter, connectionsTo(exporter), nodeClock),
    say: (level, message, fields) => log.logger[level](fields, message),
  });
}

function connectionsTo({ endpoint }: Exporter): Connections {
  const own = { keepAlive: true, maxSockets: CONNECTIONS_MAX };
  const agent = endpoint.startsWith("https:") ? new HttpsAgent(own) : new HttpAgent(own);
  return { agent: () => agent, cut: () => agent.destroy() };
}

function lawOf(opened: Exporter, law: Pick<EstateInForce, "estate">): Admits {
  return (question) => {
    const { declared, bundle } = law.estate;
    // What is declared now may speak of another collector; of the one that is connected nothing is known any more.
    if (declared.exporter?.endpoint !== opened.endpoint) return false;
    const defaultClass = declared.tenants.get(question.tenant)?.defaultClass ?? question.defaultClass;
    return sinkAdmits(bundle, { ...question, defaultClass }, nodeClock.nowMs());
  };
}
