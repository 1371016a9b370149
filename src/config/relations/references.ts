/** Names that point at other entries: each must be declared, and may be left out only where there is no choice. */
import type { Report } from "../finding.ts";
import { declaredIds, OWNERS, ownerOf } from "../owners.ts";
import type { OwnedSection } from "../owners.ts";
import { isRecord, select, valueAt } from "../path.ts";
import type { Path } from "../path.ts";
import { suggestion } from "../suggest.ts";
import type { Tree } from "../tree.ts";

interface Reference {
  readonly from: readonly string[];
  readonly to: string;
  readonly noun: string;
}

const REFERENCES: readonly Reference[] = [
  ...Object.entries(OWNERS).map(([section, owner]) => ({ from: [section, "*", owner.field], to: owner.section, noun: owner.noun })),
  { from: ["self", "site"], to: "sites", noun: "site" },
  { from: ["telemetry", "otlp", "site"], to: "sites", noun: "site" },
  { from: ["server", "listen", "*", "msp"], to: "msps", noun: "MSP" },
  { from: ["msps", "*", "aliases", "*", "model"], to: "models", noun: "model" },
];

const SUBJECTS: Readonly<Record<string, string>> = {
  operator: "operators",
  msp: "msps",
  tenant: "tenants",
  project: "projects",
  key: "keys",
};

const OWNED: readonly OwnedSection[] = ["sites", "backends", "tenants", "projects", "keys"];

/** Reports every name that points nowhere. */
export function checkReferences(tree: Tree, report: Report): void {
  for (const { from, to, noun } of REFERENCES) {
    for (const { path, value } of select(tree.value, from)) dangling({ tree, report, path, name: value, to, noun });
  }
  for (const section of OWNED) checkOwners(tree, section, report);
  for (const { path } of select(tree.value, ["backends", "*", "models", "*"]))
    dangling({ tree, report, path, name: path.at(-1), to: "models", noun: "model" });
  checkSubjects(tree, report);
  checkKeyModels(tree, report);
}

interface Dangling {
  readonly tree: Tree;
  readonly report: Report;
  readonly path: Path;
  readonly name: unknown;
  readonly to: string;
  readonly noun: string;
}

function dangling({ tree, report, path, name, to, noun }: Dangling): void {
  if (typeof name !== "string") return;
  const known = declaredIds(tree.value, to);
  if (known.includes(name)) return;
  const message = `there is no ${noun} "${name}"`;
  const hint = suggestion(name, known) ?? `declare it under ${to}`;
  report.add(path.at(-1) === name ? tree.keyFinding(path, message, hint) : tree.finding(path, message, hint));
}

function checkOwners(tree: Tree, section: OwnedSection, report: Report): void {
  const { field, section: owners, noun } = OWNERS[section];
  const declared = declaredIds(tree.value, owners);
  if (declared.length === 1) return;
  for (const { path, value } of select(tree.value, [section, "*"])) {
    if (!isRecord(value) || value[field] !== undefined) continue;
    const message = declared.length === 0 ? `no ${noun} is declared for it` : `several ${owners} are declared: say which`;
    report.add(
      tree.finding(
        [...path, field],
        message,
        declared.length === 0 ? `declare one under ${owners}` : `one of ${declared.slice(0, 20).join(", ")}`,
      ),
    );
  }
}

function checkSubjects(tree: Tree, report: Report): void {
  for (const { path, value } of select(tree.value, ["policies", "*"])) {
    const level = valueAt(value, ["level"]);
    const subject = valueAt(value, ["subject"]);
    const section = typeof level === "string" ? SUBJECTS[level] : undefined;
    if (level === "platform" && subject !== undefined)
      report.add(tree.finding([...path, "subject"], "a platform policy has no subject", "remove it"));
    else if (section !== undefined && subject === undefined)
      report.add(tree.finding([...path, "subject"], `whose policy is it? a policy at level ${String(level)} needs its subject`));
    else if (section !== undefined) dangling({ tree, report, path: [...path, "subject"], name: subject, to: section, noun: String(level) });
    const sources = ["file", "document"].filter((source) => valueAt(value, [source]) !== undefined).length;
    if (sources !== 1) report.add(tree.finding(path, "a policy has either a file or a document"));
  }
}

/** A key's models are aliases of the MSP that its tenant buys from. */
function checkKeyModels(tree: Tree, report: Report): void {
  for (const { path, value } of select(tree.value, ["keys", "*", "models", "*"])) {
    const project = ownerOf(tree.value, "keys", String(path[1]));
    const tenant = project === undefined ? undefined : ownerOf(tree.value, "projects", project);
    const msp = tenant === undefined ? undefined : ownerOf(tree.value, "tenants", tenant);
    const aliases = msp === undefined ? undefined : valueAt(tree.value, ["msps", msp, "aliases"]);
    if (typeof value !== "string" || !isRecord(aliases) || Object.hasOwn(aliases, value)) continue;
    report.add(tree.finding(path, `MSP "${msp ?? ""}" sells no model "${value}"`, suggestion(value, Object.keys(aliases))));
  }
}
