/** Schema errors in words: where, what is wrong, what would be right. Values are never repeated, since one of them may be a secret. */
import type { z } from "zod";
import type { Finding, Report } from "./finding.ts";
import { fieldsAt } from "./known.ts";
import { valueAt } from "./path.ts";
import type { Path } from "./path.ts";
import { nearest, suggestion } from "./suggest.ts";
import type { Tree } from "./tree.ts";

type Issue = z.core.$ZodIssue;

interface Place {
  readonly tree: Tree;
  readonly schema: z.core.$ZodType;
  readonly report: Report;
}

/** Reports every way in which the tree's value breaks the schema. */
export function reportIssues(place: Place, issues: readonly Issue[]): void {
  for (const issue of issues) reportIssue(place, issue, steps(issue.path));
}

function reportIssue(place: Place, issue: Issue, path: Path): void {
  const { tree, report } = place;
  const value = valueAt(tree.value, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownFields(place, issue.keys, path);
    case "invalid_union":
      return unionIssue(place, issue, path);
    case "invalid_key":
      return report.add(tree.keyFinding(path, issue.issues[0]?.message ?? issue.message));
    case "invalid_type":
      return report.add(typeFinding(tree, issue, path));
    case "invalid_value": {
      const known = issue.values.map(String);
      return report.add(
        tree.finding(
          path,
          typeof value === "string" && value.length <= 64 ? `"${value}" is not known here` : "not one of the known values",
          suggestion(String(value), known),
        ),
      );
    }
    case "too_small":
      return report.add(
        tree.finding(path, sized(issue.origin, { words: "at least", limit: issue.minimum, inclusive: issue.inclusive !== false })),
      );
    case "too_big":
      return report.add(
        tree.finding(path, sized(issue.origin, { words: "at most", limit: issue.maximum, inclusive: issue.inclusive !== false })),
      );
    default:
      return report.add(tree.finding(path, issue.message));
  }
}

function unknownFields({ tree, schema, report }: Place, keys: readonly string[], path: Path): void {
  const known = fieldsAt(schema, path);
  const given = valueAt(tree.value, path);
  const free = known.filter((name) => valueAt(given, [name]) === undefined);
  for (const key of keys) {
    const near = nearest(key, known);
    const hint = near === undefined || free.includes(near) ? suggestion(key, free) : `"${near}" is declared already`;
    report.add(tree.keyFinding([...path, key], `unknown field "${key}"`, hint));
  }
}

/** Of the branches only those are worth telling whose kind of value was given. */
function unionIssue(place: Place, issue: Extract<Issue, { code: "invalid_union" }>, path: Path): void {
  const { tree, report } = place;
  const [best] = issue.errors.filter((branch) => wrongKinds(branch).length === 0).toSorted((a, b) => a.length - b.length);
  if (best !== undefined && best.length > 0) {
    for (const inner of best) reportIssue(place, inner, [...path, ...steps(inner.path)]);
    return;
  }
  if (missing(tree, path)) return report.add(missingFinding(tree, path));
  const kinds = [...new Set(issue.errors.flatMap(wrongKinds))];
  report.add(
    tree.finding(path, kinds.length === 0 ? issue.message : `must be ${kinds.join(" or ")}, is ${kindOf(valueAt(tree.value, path))}`),
  );
}

/** The kinds that a branch wanted instead of the kind that was given; none: its kind was given. */
function wrongKinds(branch: readonly Issue[]): readonly string[] {
  return branch.flatMap((issue) => {
    if (issue.path.length > 0) return [];
    if (issue.code === "invalid_type") return [KINDS[issue.expected] ?? issue.expected];
    if (issue.code !== "invalid_union") return [];
    const inner = issue.errors.map(wrongKinds);
    return inner.every((kinds) => kinds.length > 0) ? inner.flat() : [];
  });
}

function missing(tree: Tree, path: Path): boolean {
  return typeof path.at(-1) === "string" && valueAt(tree.value, path) === undefined;
}

function missingFinding(tree: Tree, path: Path): Finding {
  return tree.finding(path, `required field "${String(path.at(-1))}" is missing`);
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

function typeFinding(tree: Tree, issue: Extract<Issue, { code: "invalid_type" }>, path: Path): Finding {
  if (missing(tree, path)) return missingFinding(tree, path);
  const value = valueAt(tree.value, path);
  if (!issue.message.startsWith("Invalid input")) return tree.finding(path, issue.message);
  return tree.finding(path, `must be ${KINDS[issue.expected] ?? issue.expected}, is ${kindOf(value)}`, hintFor(value, issue.expected));
}

function hintFor(value: unknown, expected: string): string | undefined {
  if (value === null) return expected === "array" ? "write [] for nothing" : expected === "string" ? undefined : "write {} for nothing";
  if (expected === "string" && (typeof value === "number" || typeof value === "boolean")) return "put it in quotes";
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number") return Number.isInteger(value) ? "a whole number" : "a number";
  return KINDS[typeof value] ?? typeof value;
}

interface Bound {
  readonly words: "at least" | "at most";
  readonly limit: number | bigint;
  readonly inclusive: boolean;
}

const COUNTED: Readonly<Record<string, string>> = { string: "characters", array: "entries", object: "entries", record: "entries" };

function sized(origin: string, { words, limit, inclusive }: Bound): string {
  const unit = COUNTED[origin];
  if (unit !== undefined) return limit === 1 && words === "at least" ? "must not be empty" : `must have ${words} ${limit} ${unit}`;
  return inclusive ? `must be ${words} ${limit}` : `must be ${words === "at least" ? "above" : "below"} ${limit}`;
}

function steps(path: readonly PropertyKey[]): Path {
  return path.map((step) => (typeof step === "symbol" ? String(step) : step));
}
