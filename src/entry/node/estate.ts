/** From a configuration file to an estate: everything is compiled aside, and a bad file changes nothing. */
import { readFileSync } from "node:fs";
import { findingText } from "../../config/finding.ts";
import { loadConfig } from "../../config/load.ts";
import type { Declared } from "../../domain/estate.ts";
import { compileBundle } from "../../policies/bundle.ts";
import { hostsOf, type Estate } from "../../world.ts";

export type Built = { readonly ok: true; readonly estate: Estate } | { readonly ok: false; readonly problems: readonly string[] };

/** Where a configuration comes from: a file, or a text that the demo made. */
export interface ConfigSource {
  readonly file: string;
  readonly text: () => string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function fileSource(file: string): ConfigSource {
  return { file, text: () => readFileSync(file, "utf8"), env: process.env };
}

/** Every problem at once, each with its place in the file. */
export function buildEstate(source: ConfigSource, epoch: number, nowMs: number): Built {
  let text: string;
  try {
    text = source.text();
  } catch (error) {
    return { ok: false, problems: [`${source.file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const loaded = loadConfig(text, { file: source.file, readFile: (path) => readFileSync(path, "utf8"), env: source.env });
  if ("findings" in loaded) return { ok: false, problems: loaded.findings.map(findingText) };
  return compileEstate(loaded.declared, epoch, nowMs);
}

export function compileEstate(declared: Declared, epoch: number, nowMs: number): Built {
  const compiled = compileBundle({ ...declared, epoch, nowMs });
  if (!compiled.ok) return { ok: false, problems: compiled.problems.map(({ where, message, hint }) => `${where}: ${message}${hint === undefined ? "" : ` (${hint})`}`) };
  return { ok: true, estate: { declared, bundle: compiled.bundle, hosts: hostsOf(declared.msps) } };
}
