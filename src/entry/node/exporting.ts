/** Traces and metrics over OTLP on Node, asked of the newest law. Loaded only where the configuration names a collector. */
import type { Exporter } from "../../domain/estate.ts";
import { sinkAdmits } from "../../policies/sink.ts";
import type { Random } from "../../ports.ts";
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
    say: (level, message, fields) => log.logger[level](fields, message),
  });
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
