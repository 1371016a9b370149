/** Judges the parameters of one body by its endpoint's table, in OpenAI's words. */
import type { Slice, Wire } from "../domain/call.ts";
import { Fault } from "../faults.ts";
import { isGiven, isTrue, kindAt, readNumber, readString, scanObject, type Kind, type Member, type Scanned } from "./json-scan.ts";
import { skipSpace } from "./json-skip.ts";
import { PARAMETERS, REQUIRED, type Rule } from "./parameters.ts";

const NAMED: Readonly<Record<Kind, string>> = {
  string: "a string",
  number: "a number",
  boolean: "a boolean",
  null: "null",
  object: "an object",
  array: "an array",
};

/** @throws Fault missing_parameter, invalid_type, invalid_value, above_max, below_min, empty_array, array_too_long */
export function checkParameters(wire: Wire, body: Buffer, scanned: Scanned): void {
  const { fields } = scanned;
  for (const name of REQUIRED[wire]) if (!isGiven(body, fields.get(name))) throw missing(name);
  const rules = PARAMETERS[wire];
  for (const [name, member] of fields) {
    const rule = rules.get(name);
    if (rule !== undefined && isGiven(body, member)) checkOne({ name, body, member }, rule);
  }
  if (wire === "tokenize" && !isGiven(body, fields.get("prompt")) && !isGiven(body, fields.get("messages"))) throw missing("prompt");
  if (wire === "chat" || wire === "completions") checkStreamOptions(body, fields);
}

/** One parameter as it was given. */
interface Given {
  readonly name: string;
  readonly body: Buffer;
  readonly member: Member;
}

function checkOne(given: Given, rule: Rule): void {
  const kind = kindAt(given.body, given.member.start);
  if (!rule.kinds.includes(kind)) throw wrongType(given.name, rule.expected, NAMED[kind]);
  if (kind === "number") checkNumber(given, rule);
  else if (kind === "array") checkArray(given, rule);
  else if (kind === "string") checkString(given, rule);
}

function checkNumber({ name, body, member }: Given, rule: Rule): void {
  const value = readNumber(body, member) ?? NaN;
  const shown = (): string => body.toString("latin1", member.start, Math.min(member.end, member.start + 40));
  const family = rule.whole === true ? "integer" : "decimal";
  if (rule.whole === true && !Number.isInteger(value)) throw wrongType(name, rule.expected, "a decimal number");
  if (rule.max !== undefined && value > rule.max) {
    const text = `Invalid '${name}': ${family} above maximum value. Expected a value <= ${rule.max}, but got ${shown()} instead.`;
    throw new Fault(rule.whole === true ? "above_max" : "decimal_above_max", { text, param: name });
  }
  if (rule.min !== undefined && value < rule.min) {
    const text = `Invalid '${name}': ${family} below minimum value. Expected a value >= ${rule.min}, but got ${shown()} instead.`;
    throw new Fault(rule.whole === true ? "below_min" : "decimal_below_min", { text, param: name });
  }
  if (!Number.isFinite(value)) throw new Fault("invalid_value", { text: `Invalid '${name}': the number is out of range.`, param: name });
}

function checkArray({ name, body, member }: Given, rule: Rule): void {
  if (rule.countMin !== undefined && member.count < rule.countMin) {
    const text = `Invalid '${name}': empty array. Expected an array with minimum length ${rule.countMin}, but got an empty array instead.`;
    throw new Fault("empty_array", { text, param: name });
  }
  if (rule.countMax !== undefined && member.count > rule.countMax && !(rule.tokenIds === true && holdsNumbers(body, member))) {
    const text = `Invalid '${name}': array too long. Expected an array with maximum length ${rule.countMax}, but got an array with length ${member.count} instead.`;
    throw new Fault("array_too_long", { text, param: name });
  }
}

function checkString({ name, body, member }: Given, rule: Rule): void {
  const bytes = member.end - member.start - 2;
  if (rule.bytesMax !== undefined && bytes > rule.bytesMax) {
    const text = `Invalid '${name}': string too long. Expected a string with maximum length ${rule.bytesMax}, but got a string with length ${bytes} instead.`;
    throw new Fault("invalid_value", { text, param: name });
  }
  if (rule.oneOf === undefined) return;
  const value = bytes > 64 ? undefined : readString(body, member);
  if (value !== undefined && rule.oneOf.includes(value)) return;
  throw new Fault("invalid_value", {
    text: `Invalid value for '${name}'. Supported values are: ${rule.oneOf.map((each) => `'${each}'`).join(" and ")}.`,
    param: name,
  });
}

function checkStreamOptions(body: Buffer, fields: ReadonlyMap<string, Slice>): void {
  const options = fields.get("stream_options");
  if (!isGiven(body, options)) return;
  if (!isTrue(body, fields.get("stream"))) {
    throw new Fault("invalid_value", {
      text: "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      param: "stream_options",
    });
  }
  const include = scanObject(body, options).fields.get("include_usage");
  if (!isGiven(body, include)) return;
  const kind = kindAt(body, include.start);
  if (kind !== "boolean") throw wrongType("stream_options.include_usage", "a boolean", NAMED[kind]);
}

/** Whether an array is one list of token ids. */
export function holdsNumbers(body: Buffer, member: Member): boolean {
  if (member.count === 0) return false;
  return kindAt(body, skipSpace(body, member.start + 1)) === "number";
}

function missing(name: string): Fault {
  return new Fault("missing_parameter", { text: `Missing required parameter: '${name}'.`, param: name });
}

function wrongType(name: string, expected: string, got: string): Fault {
  return new Fault("invalid_type", { text: `Invalid type for '${name}': expected ${expected}, but got ${got} instead.`, param: name });
}
