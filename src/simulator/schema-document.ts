/** The smallest document that a JSON schema allows: what a constrained decoder is sure to be able to say. */

/** A schema that no document fits, or one that is none. */
export class SchemaError extends Error {}

/** Nesting that is followed; deeper is refused, so that a schema that contains itself ends. */
const SCHEMA_DEPTH_MAX = 32;

/** @throws SchemaError when the schema cannot be followed */
export function smallestDocument(schema: unknown): unknown {
  return build(schema, new Walk(schema));
}

/** Values in one document; lists of lists grow fast. */
const DOCUMENT_VALUES_MAX = 10_000;

/** Where we are, the root for `$ref`, and how much has been built. */
class Walk {
  readonly root: unknown;
  readonly #depth: number;
  readonly #built: { values: number };

  constructor(root: unknown, depth = 0, built = { values: 0 }) {
    if (depth > SCHEMA_DEPTH_MAX) throw new SchemaError("the schema is nested too deeply");
    built.values += 1;
    if (built.values > DOCUMENT_VALUES_MAX) throw new SchemaError("the smallest document is too large");
    this.root = root;
    this.#depth = depth;
    this.#built = built;
  }

  down(): Walk {
    return new Walk(this.root, this.#depth + 1, this.#built);
  }
}

function build(schema: unknown, walk: Walk): unknown {
  if (schema === true) return null;
  if (!isRecord(schema)) throw new SchemaError("a schema is an object");
  if (typeof schema["$ref"] === "string") return build(resolve(schema["$ref"], walk.root), walk.down());
  if ("const" in schema) return schema["const"];
  const first = firstOf(schema["enum"]) ?? firstOf(schema["examples"]);
  if (first !== undefined) return first.value;
  const branch = firstOf(schema["anyOf"]) ?? firstOf(schema["oneOf"]);
  if (branch !== undefined) return build(branch.value, walk.down());
  if (Array.isArray(schema["allOf"])) return build(Object.assign({}, ...schema["allOf"].filter(isRecord)), walk.down());
  return ofType(typeOf(schema), schema, walk);
}

function typeOf(schema: Record<string, unknown>): unknown {
  const type: unknown = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  if (type !== undefined) return type;
  if (isRecord(schema["properties"])) return "object";
  return schema["items"] === undefined ? "null" : "array";
}

function ofType(type: unknown, schema: Record<string, unknown>, walk: Walk): unknown {
  if (type === "object") return objectOf(schema, walk);
  if (type === "array") return arrayOf(schema, walk);
  if (type === "string") return stringOf(schema);
  if (type === "integer" || type === "number") return numberOf(schema);
  if (type === "boolean") return true;
  if (type === "null") return null;
  throw new SchemaError(`unknown type ${JSON.stringify(type)}`);
}

function objectOf(schema: Record<string, unknown>, walk: Walk): Record<string, unknown> {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const required: readonly unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
  const names = Object.keys(properties).filter((name) => required.includes(name));
  return Object.fromEntries(names.map((name) => [name, build(properties[name], walk.down())]));
}

function arrayOf(schema: Record<string, unknown>, walk: Walk): unknown[] {
  const count = typeof schema["minItems"] === "number" ? Math.min(schema["minItems"], 64) : 0;
  return Array.from({ length: count }, () => build(schema["items"] ?? true, walk.down()));
}

const FORMATS: ReadonlyMap<unknown, string> = new Map([
  ["date", "2026-01-01"],
  ["date-time", "2026-01-01T00:00:00Z"],
  ["time", "00:00:00Z"],
  ["email", "clerk@example.org"],
  ["uri", "https://example.org/"],
  ["uuid", "00000000-0000-4000-8000-000000000000"],
]);

function stringOf(schema: Record<string, unknown>): string {
  const least = typeof schema["minLength"] === "number" ? schema["minLength"] : 0;
  const most = typeof schema["maxLength"] === "number" ? schema["maxLength"] : Number.POSITIVE_INFINITY;
  return FORMATS.get(schema["format"]) ?? "harbour".slice(0, most).padEnd(Math.min(least, 4_096), "a");
}

function numberOf(schema: Record<string, unknown>): number {
  const { minimum, exclusiveMinimum, maximum } = schema;
  if (typeof minimum === "number") return Math.ceil(minimum);
  if (typeof exclusiveMinimum === "number") return Math.floor(exclusiveMinimum) + 1;
  return typeof maximum === "number" ? Math.min(0, Math.floor(maximum)) : 0;
}

function resolve(reference: string, root: unknown): unknown {
  if (!reference.startsWith("#"))
    throw new SchemaError(`only references into the schema itself are followed, not ${JSON.stringify(reference)}`);
  let found: unknown = root;
  for (const step of reference.slice(1).split("/").filter(Boolean)) found = isRecord(found) ? found[step] : undefined;
  return found;
}

function firstOf(list: unknown): { readonly value: unknown } | undefined {
  return Array.isArray(list) && list.length > 0 ? { value: list[0] } : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
