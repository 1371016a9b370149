/** The reference of the file format as Markdown, from the same schema that judges files: it cannot say anything else than what holds. */
import { isRecord } from "./path.ts";

type Schema = Readonly<Record<string, unknown>>;

const INTRO = `# Configuration

<!-- Generated from the schema by \`npm run generate\`; do not edit. -->

One YAML file, \`bailiwick.yaml\`, declares everything. A field that is not listed here is an error, and \`bailiwick check\` names every error at once.
YAML anchors, aliases, merge keys and tags are refused. Names in angle brackets are chosen by you. Paths are relative to the file.
For completion in an editor, start the file with \`# yaml-language-server: $schema=…/bailiwick.schema.json\`.
`;

const CLAIMS = `
## Claims

A claim is what is stated of a place, an operator, a backend or the cell. Written as its value alone it rests on one's own word (\`evidence: self\`) and does not end.
A backend inherits the claims of its site and its operator; the nearest one wins. Every backend, and the cell itself, needs \`location.country\`,
\`operator.country\` and \`operator.parents\`. The attributes that exist, and what may be required of them, are in the policy reference.

`;

/** Markdown of a JSON Schema made by jsonSchema(). */
export function referenceText(schema: Schema): string {
  const sections = Object.entries(members(schema)).map(([name, section]) => sectionText(name, section));
  return INTRO + sections.join("") + CLAIMS + table(rowsOf(findClaim(schema) ?? {}, ""));
}

function sectionText(name: string, schema: Schema): string {
  return `\n## ${name}\n\n${text(schema["description"])}\n\n${table(sectionRows(name, schema))}`;
}

function sectionRows(name: string, schema: Schema): readonly string[] {
  const rows = inner(schema, "");
  return rows.length > 0 ? rows : [row(name, schema, false)];
}

/** Rows of an object's fields, each followed by the fields inside it. */
function rowsOf(schema: Schema, prefix: string): readonly string[] {
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(members(schema)).flatMap(([name, field]) => {
    const path = prefix + name;
    return [row(path, field, required.includes(name)), ...inner(field, path)];
  });
}

/** What stands inside a field: an object's fields, a mapping's entries, a list's elements. */
function inner(schema: Schema, path: string): readonly string[] {
  if (isClaim(schema)) return [];
  const branches = schema["anyOf"];
  if (Array.isArray(branches)) return branches.flatMap((branch: unknown) => (isRecord(branch) ? inner(branch, path) : []));
  const dot = path === "" ? "" : `${path}.`;
  if (isRecord(schema["properties"])) return rowsOf(schema, dot);
  const entry = schema["additionalProperties"];
  if (isRecord(entry)) return inner(entry, `${dot}<name>`);
  const element = schema["items"];
  return isRecord(element) ? inner(element, `${path}[]`) : [];
}

function row(path: string, schema: Schema, required: boolean): string {
  const standard = required ? "required" : "default" in schema ? `\`${JSON.stringify(schema["default"])}\`` : "";
  return `| \`${path}\` | ${kind(schema)} | ${standard} | ${text(schema["description"])} |`;
}

function table(rows: readonly string[]): string {
  return `| field | kind | default | |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "true, false",
  object: "mapping",
  array: "list",
};

function kind(schema: Schema): string {
  if (isClaim(schema)) return "[claim](#claims)";
  const branches = schema["anyOf"];
  if (Array.isArray(branches)) return [...new Set(branches.map((branch: unknown) => (isRecord(branch) ? kind(branch) : "")))].join(" or ");
  const values = schema["enum"];
  if (Array.isArray(values)) return values.map((value) => `\`${String(value)}\``).join(", ");
  const element = schema["items"];
  if (schema["type"] === "array" && isRecord(element)) return `list of ${kind(element)}`;
  const entry = schema["additionalProperties"];
  if (schema["type"] === "object" && isRecord(entry) && Object.keys(entry).length > 0) return `mapping of ${kind(entry)}`;
  return KINDS[text(schema["type"])] ?? "anything";
}

/** A union with a {value, evidence, …} branch. */
function isClaim(schema: Schema): boolean {
  const branches = schema["anyOf"];
  return Array.isArray(branches) && branches.some((branch: unknown) => isRecord(branch) && isClaimObject(branch));
}

function isClaimObject(schema: Schema): boolean {
  return "evidence" in members(schema) && "value" in members(schema);
}

function findClaim(schema: unknown): Schema | undefined {
  if (Array.isArray(schema)) return schema.map(findClaim).find((found) => found !== undefined);
  if (!isRecord(schema)) return undefined;
  return isClaimObject(schema) ? schema : findClaim(Object.values(schema));
}

function members(schema: Schema): Readonly<Record<string, Schema>> {
  const properties = schema["properties"];
  if (!isRecord(properties)) return {};
  return Object.fromEntries(Object.entries(properties).flatMap(([name, field]) => (isRecord(field) ? [[name, field]] : [])));
}

function text(value: unknown): string {
  return typeof value === "string" ? value.replaceAll("|", "\\|").replaceAll("<", "&lt;") : "";
}
