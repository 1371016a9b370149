/** Changes a few members of a JSON body by cutting bytes, so that everything the caller wrote else goes out as it came in. */
import type { Slice } from "../domain/call.ts";
import { scanObject } from "./json-scan.ts";
import { BYTE } from "./json-skip.ts";

/** Bytes [start, end) become `bytes`; an empty range inserts. */
export interface Edit extends Slice {
  readonly bytes: Buffer;
}

/** A scanned object: what `scan` gives together with its bytes, or a Call. */
export interface JsonObject {
  readonly body: Buffer;
  readonly fields: ReadonlyMap<string, Slice>;
  readonly closeAt: number;
}

export const NOTHING = Buffer.alloc(0);
export const NULL = Buffer.from("null");
const COMMA = Buffer.from(",");
const INCLUDE_USAGE = Buffer.from('{"include_usage":true}');
const TRUE = Buffer.from("true");

/** A copy of `body` with all edits made. Edits lie in order and apart. @throws RangeError when they do not */
export function splice(body: Buffer, edits: readonly Edit[]): Buffer {
  let length = body.length;
  let last = 0;
  for (const edit of edits) {
    if (edit.start < last || edit.end < edit.start || edit.end > body.length) throw new RangeError("edits overlap or lie outside the body");
    length += edit.bytes.length - (edit.end - edit.start);
    last = edit.end;
  }
  const out = Buffer.allocUnsafe(length);
  let from = 0;
  let to = 0;
  for (const edit of edits) {
    to += body.copy(out, to, from, edit.start);
    to += edit.bytes.copy(out, to);
    from = edit.end;
  }
  body.copy(out, to, from);
  return out;
}

/** Pieces below this are put together: each piece costs a write. */
const PIECE_BYTES_MIN = 4 * 1024;

/** The same as views into `body` and the edits' own bytes: for bodies so large that a copy costs more than a few writes. */
export function cut(body: Buffer, edits: readonly Edit[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let small: Buffer[] = [];
  const add = (piece: Buffer): void => {
    if (piece.length < PIECE_BYTES_MIN) {
      small.push(piece);
      return;
    }
    if (small.length > 0) pieces.push(Buffer.concat(small));
    small = [];
    pieces.push(piece);
  };
  let from = 0;
  for (const { start, end, bytes } of edits) {
    add(body.subarray(from, start));
    add(bytes);
    from = end;
  }
  add(body.subarray(from));
  if (small.length > 0) pieces.push(Buffer.concat(small));
  return pieces.filter((piece) => piece.length > 0);
}

/** The object with members set (replaced in place, or added at the end) or, where the value is undefined, removed. */
export function editMembers(object: JsonObject, changes: ReadonlyMap<string, Buffer | undefined>): Buffer {
  return splice(object.body, memberEdits(object, changes));
}

/** What editMembers would do, in order. */
export function memberEdits(object: JsonObject, changes: ReadonlyMap<string, Buffer | undefined>): readonly Edit[] {
  const edits: Edit[] = [];
  let kept = 0;
  let keptEnd = 0;
  /** Where a removal without any kept member before it began: it must swallow the comma behind itself instead. */
  let removingFrom = -1;
  for (const [name, slice] of object.fields) {
    const bytes = changes.get(name);
    if (bytes === undefined && changes.has(name)) {
      if (kept > 0) edits.push({ start: keptEnd, end: slice.end, bytes: NOTHING });
      else if (removingFrom < 0) removingFrom = keyStart(object.body, slice.start);
      if (kept > 0) keptEnd = slice.end;
      continue;
    }
    if (removingFrom >= 0) edits.push({ start: removingFrom, end: keyStart(object.body, slice.start), bytes: NOTHING });
    removingFrom = -1;
    if (bytes !== undefined) edits.push({ start: slice.start, end: slice.end, bytes });
    kept++;
    keptEnd = slice.end;
  }
  if (removingFrom >= 0) edits.push({ start: removingFrom, end: object.closeAt, bytes: NOTHING });
  const added = additions(object.fields, changes, kept > 0);
  if (added !== undefined) edits.push({ start: object.closeAt, end: object.closeAt, bytes: added });
  return edits;
}

function additions(
  fields: ReadonlyMap<string, Slice>,
  changes: ReadonlyMap<string, Buffer | undefined>,
  behindOthers: boolean,
): Buffer | undefined {
  const parts: Buffer[] = [];
  for (const [name, bytes] of changes) {
    if (bytes === undefined || fields.has(name)) continue;
    if (behindOthers || parts.length > 0) parts.push(COMMA);
    parts.push(Buffer.from(`${JSON.stringify(name)}:`), bytes);
  }
  return parts.length === 0 ? undefined : Buffer.concat(parts);
}

/**
 * Opening quote of the key before a value. A quote inside a key has a backslash right before it and the opening quote never has,
 * so walking backwards is sound.
 */
function keyStart(body: Buffer, valueStart: number): number {
  let at = body.lastIndexOf(BYTE.colon, valueStart - 1);
  at = body.lastIndexOf(BYTE.quote, at);
  do at = body.lastIndexOf(BYTE.quote, at - 1);
  while (body[at - 1] === BYTE.backslash);
  return at;
}

/** A text as a JSON string. */
export function jsonString(text: string): Buffer {
  return Buffer.from(JSON.stringify(text));
}

/** The value of `stream_options` that makes the engine report usage at the end, with whatever else the caller put there. */
export function streamOptionsWithUsage(object: JsonObject): Buffer {
  const given = object.fields.get("stream_options");
  if (given === undefined || object.body[given.start] !== BYTE.brace) return INCLUDE_USAGE;
  const body = object.body.subarray(given.start, given.end);
  return editMembers({ body, ...scanObject(body, { start: 0, end: body.length }) }, new Map([["include_usage", TRUE]]));
}
