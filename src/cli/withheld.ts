/** What `bailiwick check` says of the exporter of traces and metrics: of whose requests the law lets nothing out, or not everything, and why. */
import { BOUNDS } from "../bounds.ts";
import type { Declared } from "../domain/estate.ts";
import { keyId, projectId } from "../domain/ids.ts";
import type { Exclusion, Question } from "../domain/law.ts";
import type { Tenant } from "../domain/tenancy.ts";
import { compileBundle } from "../policies/bundle.ts";
import { sinkExclusions } from "../policies/sink.ts";

/** One line for each tenant, at most exclusionsShownMax of them. @param nowMs Unix milliseconds */
export function withheld(file: string, declared: Declared, nowMs: number): readonly string[] {
  if (declared.exporter === undefined) return [];
  const compiled = compileBundle({ ...declared, epoch: 1, nowMs });
  // What does not compile is said elsewhere, and then nothing is exported at all.
  if (!compiled.ok) return [];
  const lines: string[] = [];
  for (const tenant of declared.tenants.values()) {
    const answers = questionsOf(tenant, declared).map((question) => sinkExclusions(compiled.bundle, question, nowMs));
    const against = answers.find((exclusions) => exclusions.length > 0)?.[0];
    if (against === undefined) continue;
    const how = answers.every((exclusions) => exclusions.length > 0) ? "nothing" : "not everything";
    if (lines.length < BOUNDS.exclusionsShownMax)
      lines.push(`${file}: note: of tenant "${tenant.id}" ${how} is exported to telemetry.otlp: ${reasonOf(against)}`);
  }
  return lines;
}

/** What its keys may ask, its projects' and keys' own rules aside. */
function questionsOf({ id, msp, defaultClass }: Tenant, { models, msps }: Declared): readonly Question[] {
  const aliases = [...(msps.get(msp)?.aliases.values() ?? [])];
  return [...new Set(aliases.map((alias) => alias.model))].flatMap((model) =>
    Array.from(models.get(model)?.capabilities ?? [], (capability) => ({
      msp,
      tenant: id,
      project: projectId(""),
      key: keyId(""),
      model,
      capability,
      defaultClass,
      require: undefined,
    })),
  );
}

function reasonOf({ level, rule, attribute, reason }: Exclusion): string {
  if (reason === "no-policy") return `level ${level} has no policy for it`;
  const why = { mismatch: "does not meet", unknown: "is unknown for", expired: "has expired for", evidence: "is too weakly evidenced for" }[
    reason
  ];
  return `${attribute} ${why} rule "${rule}" of level ${level}`;
}
