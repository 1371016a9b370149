/** Facts that must exist, and facts that two places state. */
import type { Report } from "../finding.ts";
import { declaredIds, ownerOf } from "../owners.ts";
import { isRecord, pathText, select, valueAt } from "../path.ts";
import type { Path } from "../path.ts";
import { OPERATOR_FACTS, REQUIRED_FACTS, SITE_FACTS, standingOf, statedFacts } from "../place.ts";
import type { Standing } from "../place.ts";
import type { Tree } from "../tree.ts";

interface Field {
  readonly section: "sites" | "operators";
  readonly field: string;
}

const FIELD_OF: ReadonlyMap<string, Field> = new Map([...fieldsOf("sites", SITE_FACTS), ...fieldsOf("operators", OPERATOR_FACTS)]);

/** Reports backends, and a cell, about which too little is known, and facts of place that are stated twice. */
export function checkFacts(tree: Tree, report: Report): void {
  for (const { path, value } of select(tree.value, ["backends", "*"])) {
    if (isRecord(value))
      judge({ tree, report, own: path, site: ownerOf(tree.value, "backends", String(path[1])), what: `backend "${String(path[1])}"` });
  }
  for (const { path, value } of select(tree.value, ["sites", "*"])) checkSubdivision(tree, path, { site: value, report });
  const site = valueAt(tree.value, ["self", "site"]);
  judge({ tree, report, own: ["self"], site: typeof site === "string" ? site : undefined, what: "this cell (self)" });
  if (valueAt(tree.value, ["telemetry", "otlp"]) !== undefined) judgeExporter(tree, report);
}

/** Of an exporter nothing need be known: then nothing is exported of whoever asks. */
function judgeExporter(tree: Tree, report: Report): void {
  const site = valueAt(tree.value, ["telemetry", "otlp", "site"]);
  statedOnce({ tree, report, own: ["telemetry", "otlp"] }, standingOf(tree.value, typeof site === "string" ? site : undefined));
}

/** A subdivision names its country; it must be the country of the site. */
function checkSubdivision(tree: Tree, path: Path, { site, report }: { readonly site: unknown; readonly report: Report }): void {
  const subdivision = valueAt(site, ["subdivision"]);
  const country = valueAt(site, ["country", "value"]) ?? valueAt(site, ["country"]);
  if (typeof subdivision !== "string" || typeof country !== "string" || subdivision.startsWith(`${country}-`)) return;
  report.add(tree.finding([...path, "subdivision"], `${subdivision} does not lie in ${country}`));
}

interface Judged {
  readonly tree: Tree;
  readonly report: Report;
  readonly own: Path;
  readonly site: string | undefined;
  readonly what: string;
}

function judge({ tree, report, own, site, what }: Judged): void {
  const standing = standingOf(tree.value, site);
  const stated = statedOnce({ tree, report, own }, standing);
  if (standingUnclear(tree, own, standing)) return;
  const missing = REQUIRED_FACTS.filter((fact) => !stated.has(fact));
  if (missing.length === 0) return;
  report.add(
    tree.finding(
      own,
      `${what} has no ${missing.join(", ")}: unknown denies, so nothing could ever be sent there`,
      remedies(missing, standing),
    ),
  );
}

/** Every fact that is stated, with its places; a fact of place that is stated again is reported. */
function statedOnce(
  { tree, report, own }: Pick<Judged, "tree" | "report" | "own">,
  standing: Standing,
): ReadonlyMap<string, readonly Path[]> {
  const stated = statedFacts(tree.value, own, standing);
  for (const [fact, places] of stated) {
    const field = places.find((place) => place.at(-2) !== "facts");
    const again = places.find((place) => place.at(-2) === "facts");
    if (field !== undefined && again !== undefined)
      report.add(
        tree.keyFinding(again, `${fact} is stated by ${pathText(field)} already`, "a backend stands where its site stands: state it once"),
      );
  }
  return stated;
}

/** A name that points nowhere is reported as such; what would follow from it is not worth a second finding. */
function standingUnclear(tree: Tree, own: Path, { site, operator }: Standing): boolean {
  if (site === undefined) return own[0] === "backends";
  if (!declaredIds(tree.value, "sites").includes(site)) return true;
  return operator === undefined || !declaredIds(tree.value, "operators").includes(operator);
}

function remedies(missing: readonly string[], { site, operator }: Standing): string {
  if (site === undefined) return "set self.site to the site it runs at";
  const places = missing.flatMap((fact) => {
    const field = FIELD_OF.get(fact);
    const id = field?.section === "sites" ? site : operator;
    return field === undefined || id === undefined ? [] : [pathText([field.section, id, field.field])];
  });
  return `set ${places.join(" and ")}`;
}

function fieldsOf(section: Field["section"], facts: Readonly<Record<string, string>>): readonly (readonly [string, Field])[] {
  return Object.entries(facts).map(([field, fact]) => [fact, { section, field }]);
}
