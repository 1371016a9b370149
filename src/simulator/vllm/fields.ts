/** Reads the members of a request body the way vLLM's schema check does, with its words for what is wrong. */
import { invalid, Refusal, UNREADABLE, errorBody } from "./refusal.ts";

/** A JSON object under its name in error texts ("body"). */
export class Fields {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(members: Readonly<Record<string, unknown>>, path: string) {
    this.#members = members;
    this.#path = path;
  }

  /** The value as it is; undefined for absent and for null. */
  any(name: string): unknown {
    return this.#members[name] ?? undefined;
  }

  has(name: string): boolean {
    return name in this.#members;
  }

  number(name: string): number | undefined {
    return this.#numeric(name, "float_parsing", "number");
  }

  integer(name: string): number | undefined {
    const value = this.#numeric(name, "int_parsing", "integer");
    if (value === undefined || Number.isInteger(value)) return value;
    throw this.#wrong(name, "int_from_float", "Input should be a valid integer, got a number with a fractional part");
  }

  boolean(name: string): boolean | undefined {
    const value = this.any(name);
    if (value === undefined || typeof value === "boolean") return value;
    throw this.#wrong(name, "bool_type", "Input should be a valid boolean");
  }

  string(name: string): string | undefined {
    const value = this.any(name);
    if (value === undefined || typeof value === "string") return value;
    throw this.#wrong(name, "string_type", "Input should be a valid string");
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.any(name);
    if (value === undefined || Array.isArray(value)) return value;
    throw this.#wrong(name, "list_type", "Input should be a valid list");
  }

  object(name: string): Fields | undefined {
    const value = this.any(name);
    if (value === undefined) return undefined;
    if (isRecord(value)) return new Fields(value, `${this.#path}.${name}`);
    throw this.#wrong(name, "dict_type", "Input should be a valid dictionary");
  }

  missing(name: string): Refusal {
    const input = summary(this.#members);
    return invalid({ type: "missing", loc: `${this.#path}.${name}`, msg: "Field required", input });
  }

  #numeric(name: string, type: string, kind: string): number | undefined {
    const value = this.any(name);
    if (value === undefined || typeof value === "number") return value;
    if (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))) return Number(value);
    const because = typeof value === "string" ? `, unable to parse string as ${kind === "integer" ? "an" : "a"} ${kind}` : "";
    throw this.#wrong(name, type, `Input should be a valid ${kind}${because}`);
  }

  #wrong(name: string, type: string, msg: string): Refusal {
    return invalid({ type, loc: `${this.#path}.${name}`, msg, input: summary(this.#members[name]) });
  }
}

/** Body bytes to members. @throws Refusal for what is no JSON object in UTF-8 */
export function readFields(body: Buffer, header: (name: string) => string | undefined): Fields {
  const type = header("content-type");
  if (type !== undefined && !type.startsWith("application/json")) {
    const message = "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed";
    throw new Refusal(400, errorBody(400, "Bad Request", { message }));
  }
  if (body.length === 0) throw invalid({ type: "missing", loc: "body", msg: "Field required", input: "None" });
  const value = parse(decode(body));
  if (isRecord(value)) return new Fields(value, "body");
  const msg = "Input should be a valid dictionary or object to extract fields from";
  throw invalid({ type: "model_attributes_type", loc: "body", msg, input: summary(value) });
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new Refusal(400, UNREADABLE);
  }
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1] ?? String(text.length);
    const more = ", 'ctx': {'error': 'Expecting value'}";
    throw invalid({ type: "json_invalid", loc: `body.${position}`, msg: "JSON decode error", input: "<dict of 0 items>", more });
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function summary(value: unknown): string {
  if (Array.isArray(value)) return `<list of ${value.length} items>`;
  if (isRecord(value)) return `<dict of ${Object.keys(value).length} items>`;
  return value === null || value === undefined ? "None" : String(value);
}
