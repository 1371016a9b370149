/** From the text of bailiwick.yaml to what it declares, or to everything that is wrong with it at once. */
import { BOUNDS } from "../bounds.ts";
import type { Declared } from "../domain/estate.ts";
import { buildDeclared } from "./build/declared.ts";
import { Report } from "./finding.ts";
import type { Finding } from "./finding.ts";
import { reportIssues } from "./issues.ts";
import { readOutside } from "./outside.ts";
import type { World } from "./outside.ts";
import { isRecord } from "./path.ts";
import { checkFacts } from "./relations/facts.ts";
import { checkModels } from "./relations/models.ts";
import { checkReferences } from "./relations/references.ts";
import { checkUniqueness } from "./relations/uniqueness.ts";
import { fileFormat } from "./schema/file.ts";
import { Tree } from "./tree.ts";

export type Loaded = { readonly declared: Declared } | { readonly findings: readonly Finding[] };

/**
 * Reads a configuration. Pure but for `world.readFile`, which is asked for secrets, chat templates and policy files only.
 * Every check runs on the raw data, so one mistake does not hide another; only text that is no YAML stops the rest.
 */
export function loadConfig(text: string, world: World): Loaded {
  const report = new Report();
  const bytes = Buffer.byteLength(text);
  if (bytes > BOUNDS.configBytesMax)
    return { findings: [documentFinding(world.file, `the file has ${bytes} bytes, at most ${BOUNDS.configBytesMax} are read`)] };
  const tree = new Tree(text, world.file, report);
  if (!tree.sound) return { findings: report.sorted() };
  if (!isRecord(tree.value))
    return { findings: [documentFinding(world.file, "the file must hold a mapping", "see docs/reference/configuration.md")] };
  const parsed = fileFormat.safeParse(tree.value);
  if (!parsed.success) reportIssues({ tree, schema: fileFormat, report }, parsed.error.issues);
  checkReferences(tree, report);
  checkUniqueness(tree, report);
  checkFacts(tree, report);
  checkModels(tree, report);
  const outside = readOutside({ tree, world, report });
  if (!parsed.success || !report.empty) return { findings: report.sorted() };
  return { declared: buildDeclared(parsed.data, tree, outside) };
}

function documentFinding(file: string, message: string, hint?: string): Finding {
  return { file, line: 1, column: 1, path: "", message, hint };
}
