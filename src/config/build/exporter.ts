/** The exporter of traces and metrics, with the facts of the place it stands at. */
import type { Declared } from "../../domain/estate.ts";
import { operatorId, siteId } from "../../domain/ids.ts";
import type { Outside } from "../outside.ts";
import { pathText } from "../path.ts";
import type { FileFormat } from "../schema/file.ts";
import { factSheet, factsOfPlace } from "./facts.ts";
import { owner } from "./fleet.ts";

/** Nothing where the file names none. */
export function buildExporter(file: FileFormat, outside: Outside): Pick<Declared, "exporter"> {
  const { otlp } = file.telemetry;
  if (otlp === undefined) return {};
  const { site } = otlp;
  const operator = site === undefined ? undefined : owner(file, "sites", site);
  return {
    exporter: {
      endpoint: otlp.endpoint.replace(/\/+$/, ""),
      headers: new Map(Object.keys(otlp.headers).map((name) => [name, secretOf(outside, name)])),
      standing: site === undefined || operator === undefined ? undefined : { site: siteId(site), operator: operatorId(operator) },
      facts: factSheet(factsOfPlace(file, site, operator), otlp),
      serviceName: otlp.service_name,
      tracesRatio: otlp.traces.ratio,
      metricsIntervalMs: otlp.metrics.interval_ms,
    },
  };
}

function secretOf({ texts }: Outside, header: string): string {
  const text = texts.get(pathText(["telemetry", "otlp", "headers", header]));
  if (text === undefined) throw new Error(`config: the header ${header} has no value after everything outside was read`);
  return text;
}
