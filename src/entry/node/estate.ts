/** From a configuration file, and what the directory has of its own, to an estate: everything is compiled aside, and a bad file changes nothing. */
import { readFileSync } from "node:fs";
import { findingText } from "../../config/finding.ts";
import { loadConfig } from "../../config/load.ts";
import type { Declared } from "../../domain/estate.ts";
import { compileEstate, NOTHING_KEPT, type Built, type Problems } from "../compile-estate.ts";

export { compileEstate, type Built } from "../compile-estate.ts";

export type Read = { readonly ok: true; readonly declared: Declared } | Problems;

/** The configuration is not valid; `problems` has a line for everything that is wrong. */
export class InvalidConfiguration extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Where a configuration comes from: a file, or a text that the demo made. */
export interface ConfigSource {
  readonly file: string;
  readonly text: () => string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function fileSource(file: string): ConfigSource {
  return { file, text: () => readFileSync(file, "utf8"), env: process.env };
}

/** The file alone, law included. Every problem at once, each with its place. */
export function buildEstate(source: ConfigSource, epoch: number, nowMs: number): Built {
  const read = readDeclared(source);
  return read.ok ? compileEstate(read.declared, NOTHING_KEPT, { epoch, nowMs }) : read;
}

/** What the file declares; its law is not judged yet. */
export function readDeclared(source: ConfigSource): Read {
  let text: string;
  try {
    text = source.text();
  } catch (error) {
    return { ok: false, problems: [`${source.file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const loaded = loadConfig(text, { file: source.file, readFile: (path) => readFileSync(path, "utf8"), env: source.env });
  if ("findings" in loaded) return { ok: false, problems: loaded.findings.map(findingText) };
  return { ok: true, declared: loaded.declared };
}
