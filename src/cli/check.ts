/** `bailiwick check`: everything that is wrong with a configuration, one line each, in the form that editors jump to. */
import { findingText } from "../config/finding.ts";
import { loadConfig } from "../config/load.ts";
import type { Declared } from "../domain/estate.ts";
import { compileBundle } from "../policies/bundle.ts";
import { withheld } from "./withheld.ts";

export interface CheckIo {
  /** Text of a file (UTF-8). @throws when it cannot be read */
  readonly readFile: (path: string) => string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly write: (text: string) => void;
}

/**
 * Prints every finding as `file:line:column: message (hint)`; when the file is sound, what its policies and facts say is compiled too.
 * Exit code: 0 when nothing is wrong, else 1.
 */
export function check(file: string, io: CheckIo): number {
  let text: string;
  try {
    text = io.readFile(file);
  } catch (error) {
    io.write(`${file}: cannot be read${error instanceof Error ? `: ${error.message}` : ""}\n`);
    return 1;
  }
  const loaded = loadConfig(text, { file, readFile: io.readFile, env: io.env });
  const faults = "findings" in loaded ? loaded.findings.map(findingText) : lawProblems(file, loaded.declared);
  const last = "findings" in loaded || faults.length > 0 ? counted(faults.length, "finding") : summary(file, loaded.declared);
  const remarks = "declared" in loaded ? [...lawless(file, loaded.declared), ...withheld(file, loaded.declared, Date.now())] : [];
  io.write(`${[...faults, ...remarks, last].join("\n")}\n`);
  return faults.length === 0 ? 0 : 1;
}

function lawProblems(file: string, declared: Declared): readonly string[] {
  const compiled = compileBundle({ ...declared, epoch: 1, nowMs: Date.now() });
  if (compiled.ok) return [];
  return compiled.problems.map(
    ({ where, message, hint }) =>
      `${/:\d+$/.test(where) ? where : `${file}: ${where}`}: ${message}${hint === undefined ? "" : ` (${hint})`}`,
  );
}

/** Levels that must have a policy and have none: sound, but everything there is denied. */
function lawless(file: string, declared: Declared): readonly string[] {
  const bound = new Set(declared.policies.map(({ level, subject }) => `${level} ${subject}`));
  const needed = [
    ["platform", ""] as const,
    ...[...declared.operators.keys()].map((id) => ["operator", id] as const),
    ...[...declared.msps.keys()].map((id) => ["msp", id] as const),
    ...[...declared.tenants.keys()].map((id) => ["tenant", id] as const),
  ];
  const missing = needed.filter(([level, subject]) => !bound.has(`${level} ${subject}`));
  return missing.map(
    ([level, subject]) => `${file}: note: ${level}${subject === "" ? "" : ` "${subject}"`} has no policy, so everything there is denied`,
  );
}

function summary(file: string, { backends, msps, tenants, policies }: Declared): string {
  const parts = [
    counted(backends.size, "backend"),
    counted(msps.size, "MSP"),
    counted(tenants.size, "tenant"),
    counted(policies.length, "policy", "policies"),
  ];
  return `${file}: sound: ${parts.join(", ")}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
