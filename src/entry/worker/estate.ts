/** From a published configuration to an estate. What is true of every Worker is stated here, whatever the file claims. */
import { findingText } from "../../config/finding.ts";
import { loadConfig } from "../../config/load.ts";
import type { Declared } from "../../domain/estate.ts";
import type { Fact } from "../../domain/facts.ts";
import type { Stored } from "../../storage/d1/configuration.ts";
import { compileEstate, NOTHING_KEPT, type Built } from "../compile-estate.ts";

/** The platform resolves names and connects by itself: a rule that asks for pinned addresses denies. */
const NOT_PINNED: Fact = { value: false, evidence: "attested", source: undefined, expiresAtMs: undefined };

/** @param environment variables and secrets of the Worker. Every problem at once, each with its place. */
export function estateOf(stored: Stored, environment: Readonly<Record<string, string>>, nowMs: number): Built {
  const { file, text, files, epoch } = stored;
  const loaded = loadConfig(text, { file, readFile: (path) => published(files, path), env: environment });
  if ("findings" in loaded) return { ok: false, problems: loaded.findings.map(findingText) };
  const unseen = [...undeclaredKinds(file, loaded.declared), ...notHere(file, loaded.declared)];
  return unseen.length > 0 ? { ok: false, problems: unseen } : compileEstate(onWorkers(loaded.declared), NOTHING_KEPT, { epoch, nowMs });
}

/** No backend is ever probed here, so what a probe would have to find out has to be said. */
function undeclaredKinds(file: string, { backends }: Declared): readonly string[] {
  return [...backends.values()].flatMap(({ id, engine, models }) =>
    [...models.values()].flatMap(({ model, triton }) =>
      engine !== "triton" || (triton?.kind !== undefined && triton.kind !== "embedding")
        ? []
        : [`${file}: backends.${id}.models.${model.id}: on Workers a Triton model declares its kind (triton.kind), and embeds nothing`],
    ),
  );
}

/** An isolate ends when it likes, and with it what it was about to export. */
function notHere(file: string, { exporter }: Declared): readonly string[] {
  return exporter === undefined ? [] : [`${file}: telemetry.otlp: Workers export no traces and metrics: leave it out`];
}

function published(files: Stored["files"], path: string): string {
  const text = Object.hasOwn(files, path) ? files[path] : undefined;
  if (text === undefined) throw new Error("it was not published with the configuration");
  return text;
}

function onWorkers(declared: Declared): Declared {
  const facts = new Map(declared.self.facts).set("egress.pinned", NOT_PINNED);
  return { ...declared, self: { ...declared.self, facts } };
}
