/** Reads a JSON object one level deep: which members it has and where their values lie, with everything below checked on the way. */
import { BOUNDS } from "../bounds.ts";
import type { Slice } from "../domain/call.ts";
import { Fault } from "../faults.ts";
import { BYTE, firstIn, malformed, nextIn, skipKey, skipSpace, skipValue } from "./json-skip.ts";

/** The range of a member's value, and what a caller needs to know of it without a second walk. */
export interface Member extends Slice {
  /** Elements when the value is an array; 0 for everything else. */
  readonly count: number;
  /** Whether an element of the array is an object that itself holds an array (content parts, tool calls). */
  readonly nested: boolean;
}

export interface Scanned {
  /** By name, in the order of the body. */
  readonly fields: ReadonlyMap<string, Member>;
  /** Position of the closing brace. */
  readonly closeAt: number;
}

/** What this folder must not import for itself: it runs where there is no node:buffer. */
export interface Checks {
  readonly isUtf8: (bytes: Buffer) => boolean;
}

export type Kind = "string" | "number" | "boolean" | "null" | "object" | "array";

/**
 * Scans a whole body: UTF-8, one object, nothing but whitespace around it.
 * @throws Fault invalid_utf8, invalid_json, duplicate_parameter
 */
export function scan(body: Buffer, checks: Checks): Scanned {
  if (!checks.isUtf8(body)) throw new Fault("invalid_utf8");
  return scanObject(body, { start: 0, end: body.length });
}

/**
 * Scans the one object that `slice` holds. `read` reads a member's value from its first byte on.
 * @throws Fault invalid_json, duplicate_parameter
 */
export function scanObject(bytes: Buffer, slice: Slice, read: (bytes: Buffer, start: number) => Member = readMember): Scanned {
  const open = skipSpace(bytes, slice.start);
  if (open >= slice.end || bytes[open] !== BYTE.brace) throw malformed(open, "expected an object");
  const fields = new Map<string, Member>();
  let next = firstIn(bytes, open, BYTE.braceEnd);
  while (next >= 0) {
    const start = skipKey(bytes, next);
    const name = keyAt(bytes, next);
    if (fields.has(name)) throw duplicate(name);
    if (fields.size >= BOUNDS.jsonTopLevelKeysMax) throw malformed(next, "too many members");
    const member = read(bytes, start);
    fields.set(name, member);
    next = nextIn(bytes, member.end, BYTE.braceEnd);
  }
  const closeAt = -2 - next;
  const end = skipSpace(bytes, closeAt + 1);
  if (closeAt >= slice.end) throw malformed(slice.end, "unexpected end");
  if (end < slice.end) throw malformed(end, "expected nothing more");
  return { fields, closeAt };
}

function duplicate(name: string): Fault {
  const shown = name.length > 64 ? `${name.slice(0, 64)}…` : name;
  return new Fault("duplicate_parameter", { text: `Duplicate parameter: '${shown}'.`, param: shown });
}

/** Text of the key whose opening quote is at `at`. @throws Fault invalid_json when its escapes are none */
function keyAt(bytes: Buffer, at: number): string {
  let end = at + 1;
  let byte = bytes[end];
  while (byte !== BYTE.quote && byte !== BYTE.backslash && byte !== undefined && byte < 0x80) byte = bytes[++end];
  if (byte === BYTE.quote) return knownKey(bytes, at + 1, end) ?? bytes.toString("latin1", at + 1, end);
  const text = readString(bytes, { start: at, end: skipValue(bytes, at, 1) });
  if (text === undefined) throw malformed(at, "unreadable key");
  return text;
}

/** Names that most bodies have, by length: comparing them is several times faster than making a string. */
const KNOWN_KEYS: readonly (readonly string[])[] = byLength([
  ..."id n model usage object stream choices created messages max_tokens temperature stream_options".split(" "),
  ..."prompt_tokens total_tokens completion_tokens cached_tokens prompt_tokens_details include_usage".split(" "),
]);

function byLength(names: readonly string[]): readonly (readonly string[])[] {
  const longest = Math.max(...names.map((name) => name.length));
  return Array.from({ length: longest + 1 }, (_, length) => names.filter((name) => name.length === length));
}

function knownKey(bytes: Buffer, start: number, end: number): string | undefined {
  const names = KNOWN_KEYS[end - start];
  if (names === undefined) return undefined;
  next: for (const name of names) {
    for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name.charCodeAt(i)) continue next;
    return name;
  }
  return undefined;
}

/** Reads the value that starts at `start`, one level into an array. @throws Fault invalid_json */
export function readMember(bytes: Buffer, start: number): Member {
  if (bytes[start] !== BYTE.bracket) return { start, end: skipValue(bytes, start, 1), count: 0, nested: false };
  let count = 0;
  let nested = false;
  let next = firstIn(bytes, start, BYTE.bracketEnd);
  while (next >= 0) {
    count++;
    let end: number;
    if (bytes[next] === BYTE.brace) {
      end = skipElement(bytes, next);
      if (end < 0) {
        nested = true;
        end = -end;
      }
    } else end = skipValue(bytes, next, 2);
    next = nextIn(bytes, end, BYTE.bracketEnd);
  }
  return { start, end: -1 - next, count, nested };
}

/** Position after an object that is an array's element; negative when a member of it is an array. */
function skipElement(bytes: Buffer, at: number): number {
  let nested = false;
  let next = firstIn(bytes, at, BYTE.braceEnd);
  while (next >= 0) {
    const value = skipKey(bytes, next);
    nested ||= bytes[value] === BYTE.bracket;
    next = nextIn(bytes, skipValue(bytes, value, 3), BYTE.braceEnd);
  }
  return nested ? 1 + next : -1 - next;
}

/** Elements of an array in order. @throws Fault invalid_json when the slice holds no array */
export function elements(bytes: Buffer, array: Slice): readonly Member[] {
  if (bytes[array.start] !== BYTE.bracket) throw malformed(array.start, "expected an array");
  const found: Member[] = [];
  let next = firstIn(bytes, array.start, BYTE.bracketEnd);
  while (next >= 0) {
    const element = readMember(bytes, next);
    found.push(element);
    next = nextIn(bytes, element.end, BYTE.bracketEnd);
  }
  return found;
}

/** Kind of the value that starts at `at`; only for a value that has been scanned. */
export function kindAt(bytes: Buffer, at: number): Kind {
  switch (bytes[at]) {
    case BYTE.quote:
      return "string";
    case BYTE.brace:
      return "object";
    case BYTE.bracket:
      return "array";
    case 0x74:
    case 0x66:
      return "boolean";
    case 0x6e:
      return "null";
    default:
      return "number";
  }
}

/** A scanned string value decoded; undefined when it is no string or its escapes are none. For small fields only. */
export function readString(bytes: Buffer, slice: Slice): string | undefined {
  if (bytes[slice.start] !== BYTE.quote) return undefined;
  const raw = bytes.toString("utf8", slice.start, slice.end);
  if (!raw.includes("\\")) return raw.slice(1, -1);
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A scanned number value; undefined when it is none. May be infinite for an absurd exponent. */
export function readNumber(bytes: Buffer, slice: Slice | undefined): number | undefined {
  if (slice === undefined || kindAt(bytes, slice.start) !== "number") return undefined;
  return Number(bytes.toString("latin1", slice.start, slice.end));
}

/** Whether the value is the literal true. */
export function isTrue(bytes: Buffer, slice: Slice | undefined): boolean {
  return slice !== undefined && bytes[slice.start] === 0x74;
}

/** Whether the member is there and not null. */
export function isGiven(bytes: Buffer, slice: Slice | undefined): slice is Slice {
  return slice !== undefined && bytes[slice.start] !== 0x6e;
}
