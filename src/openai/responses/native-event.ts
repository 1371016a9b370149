/** Reads one event of an engine's own Responses stream, counts what it says, and edits the Response object where there is one. */
import type { Slice } from "../../domain/call.ts";
import type { Observed } from "../../domain/usage.ts";
import { isKey } from "../choice-tally.ts";
import type { Envelope } from "../envelope.ts";
import { elements, isGiven, readString, scanObject, type Scanned } from "../json-scan.ts";
import { BYTE, malformed, skipSpace } from "../json-skip.ts";
import { editMembers, NULL, splice, type Edit, type JsonObject } from "../splice.ts";
import { noteUsage } from "../usage-tap.ts";
import { joined } from "./bytes.ts";
import { members } from "./chat-chunk.ts";

const { brace, bracket, quote } = BYTE;

const FALSE = Buffer.from("false");
const COMPLETED = "response.completed";
const INCOMPLETE = "response.incomplete";
const FAILED: ReadonlySet<string | undefined> = new Set(["error", "response.failed", "response.cancelled"]);

export class NativeEvent {
  /** The event that was read last says that the engine failed. */
  error = false;
  /** It ends the stream. */
  last = false;
  readonly #envelope: Envelope;
  readonly #observed: Observed;
  #type: Slice | undefined;
  #response: Slice | undefined;
  #start = 0;
  #end = 0;

  constructor(envelope: Envelope, observed: Observed) {
    this.#envelope = envelope;
    this.#observed = observed;
  }

  /** False: it is an error. @throws Fault invalid_json when [start, end) is no event */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.error = this.last = false;
    this.#type = this.#response = undefined;
    this.#start = start;
    this.#end = end;
    if (bytes[start] !== brace) throw malformed(start, "expected an object");
    let closeAt = start;
    members(bytes, start, (key, value, after) => {
      closeAt = after;
      this.#member(bytes, key, { start: value, end: after });
    });
    closeAt = skipSpace(bytes, closeAt);
    if (closeAt >= end || skipSpace(bytes, closeAt + 1) < end) throw malformed(closeAt, "expected one object");
    this.error ||= this.#type === undefined;
    return !this.error;
  }

  /** The frame as the caller gets it; undefined: it passes as it is. `name` is what the engine's own frame calls the event. */
  rewritten(bytes: Buffer, name: Slice | undefined): Buffer | undefined {
    const type = this.#type;
    if (type === undefined) return undefined;
    if (this.#response !== undefined) return this.#lifecycle(bytes, type, this.#response);
    const same = name !== undefined && bytes.compare(bytes, type.start + 1, type.end - 1, name.start, name.end) === 0;
    return same ? undefined : framed(readString(bytes, type) ?? "", bytes.subarray(this.#start, this.#end));
  }

  #member(bytes: Buffer, key: number, value: Slice): void {
    const first = bytes[value.start];
    if (first === quote) {
      if (isKey(bytes, key, "delta")) this.#count(value.end - value.start - 2);
      else if (isKey(bytes, key, "type")) this.#type = value;
    } else if (first === brace) {
      if (isKey(bytes, key, "response")) this.#response = value;
      else if (isKey(bytes, key, "error")) this.error = true;
    }
    if (this.#type === value && isShort(value)) this.error ||= FAILED.has(readString(bytes, value));
  }

  #count(textBytes: number): void {
    if (textBytes <= 0) return;
    this.#observed.frames++;
    this.#observed.textBytes += textBytes;
  }

  /** `response.created` and its like. vLLM says "completed" of an answer that was cut as well. */
  #lifecycle(bytes: Buffer, type: Slice, response: Slice): Buffer {
    const body = bytes.subarray(response.start, response.end);
    const object = { body, ...scanObject(body, { start: 0, end: body.length }) };
    const named = readString(bytes, type) ?? "";
    const ends = named === COMPLETED || named === INCOMPLETE;
    this.last = ends;
    const usage = object.fields.get("usage");
    if (ends && usage !== undefined) noteUsage(this.#observed, body, usage);
    const status = object.fields.get("status");
    const shown = ends && status !== undefined && readString(body, status) === "incomplete" ? INCOMPLETE : named;
    const edits: Edit[] = [
      { ...relative(type, this.#start), bytes: Buffer.from(JSON.stringify(shown)) },
      { ...relative(response, this.#start), bytes: dressed(object, this.#envelope) },
    ];
    edits.sort((one, other) => one.start - other.start);
    return framed(shown, splice(bytes.subarray(this.#start, this.#end), edits));
  }
}

/** Event types that matter here are short; a delta's is not looked at. */
function isShort({ start, end }: Slice): boolean {
  return end - start <= 24;
}

function relative({ start, end }: Slice, base: number): Slice {
  return { start: start - base, end: end - base };
}

function framed(type: string, json: Buffer): Buffer {
  return joined(`event: ${type.replace(/[^\w.]/g, "")}\ndata: `, json, "\n\n");
}

/** A Response object under the caller's names. */
function dressed(object: JsonObject, { id, model }: Envelope): Buffer {
  return editMembers(object, new Map([["id", id], ["model", model], ...absent(object)]));
}

/** A whole Response, which has its names already. */
export function withAbsent(object: JsonObject): Buffer {
  return editMembers(object, new Map(absent(object)));
}

/** Nothing is stored, whatever the engine says; and clients look for an error by name. */
function absent({ fields }: JsonObject): readonly (readonly [string, Buffer])[] {
  const error: readonly (readonly [string, Buffer])[] = fields.has("error") ? [] : [["error", NULL]];
  return [["store", FALSE], ...error];
}

/** Names of what a model wrote, in items and in their parts. */
const WRITTEN = ["text", "refusal", "arguments"];

/** Bytes of text in an output. */
export function outputBytes(body: Buffer, output: Slice | undefined): number {
  if (output === undefined || body[output.start] !== bracket) return 0;
  let bytes = 0;
  for (const item of elements(body, output)) {
    if (body[item.start] !== brace) continue;
    const { fields } = scanObject(body, item);
    bytes += writtenIn(body, fields);
    const content = fields.get("content");
    if (content === undefined || body[content.start] !== bracket) continue;
    for (const part of elements(body, content)) if (body[part.start] === brace) bytes += writtenIn(body, scanObject(body, part).fields);
  }
  return bytes;
}

function writtenIn(body: Buffer, fields: Scanned["fields"]): number {
  return WRITTEN.reduce((sum, name) => {
    const text = fields.get(name);
    return isGiven(body, text) && body[text.start] === quote ? sum + text.end - text.start - 2 : sum;
  }, 0);
}
