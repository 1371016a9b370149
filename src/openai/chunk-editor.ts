/**
 * Reads and edits one JSON chunk of a stream: by the mould when it is cast like one before, else by walking its members. Walking costs no
 * more than searching for suspicious words would, and cannot be fooled by text.
 */
import type { Slice } from "../domain/call.ts";
import type { Observed } from "../domain/usage.ts";
import { ChoiceTally, isKey } from "./choice-tally.ts";
import { ChunkMould } from "./chunk-mould.ts";
import type { Envelope } from "./envelope.ts";
import { BYTE, firstIn, malformed, nextIn, skipKey, skipSpace, skipValue } from "./json-skip.ts";
import { NOTHING, NULL, type Edit } from "./splice.ts";
import { noteUsage } from "./usage-tap.ts";

const { brace, braceEnd, quote } = BYTE;

export type Verdict = "pass" | "drop" | "error";

export class ChunkEditor {
  /** What the chunk read last needs changed, in order; positions in the buffer it was read from. */
  readonly edits: Edit[] = [];
  readonly #envelope: Envelope;
  readonly #observed: Observed;
  readonly #usageAsked: boolean;
  readonly #tally = new ChoiceTally();
  readonly #mould = new ChunkMould();
  #finishes = 0;
  #chosen = false;
  #hasUsage = false;
  #failed = false;

  constructor(envelope: Envelope, observed: Observed, usageAsked: boolean) {
    this.#envelope = envelope;
    this.#observed = observed;
    this.#usageAsked = usageAsked;
  }

  /** Choices that have said why they finished. */
  get finishes(): number {
    return this.#finishes;
  }

  /** At least one chunk had a choice in it. */
  get chosen(): boolean {
    return this.#chosen;
  }

  /** Reads the chunk in [start, end). @throws Fault invalid_json when that is not one JSON object */
  read(bytes: Buffer, start: number, end: number): Verdict {
    this.edits.length = 0;
    const textBytes = this.#mould.cast(bytes, { start, end }, this.edits);
    if (textBytes < 0) return this.#readWhole(bytes, start, end);
    this.#note(textBytes);
    return "pass";
  }

  #readWhole(bytes: Buffer, start: number, end: number): Verdict {
    const tally = this.#tally;
    tally.clear();
    this.#hasUsage = this.#failed = false;
    if (bytes[start] !== brace) throw malformed(start, "expected an object");
    const closeAt = this.#walk(bytes, 0, firstIn(bytes, start, braceEnd));
    if (closeAt >= end || skipSpace(bytes, closeAt + 1) < end) throw malformed(closeAt, "expected one object");
    if (this.#failed) return "error";
    this.#chosen ||= tally.choices > 0;
    this.#finishes += tally.finishes;
    this.#note(tally.outputBytes);
    if (this.#hasUsage) return tally.choices === 0 && !this.#usageAsked ? "drop" : "pass";
    const { texts, textStart, textEnd } = tally;
    const oneText = texts === 1 && tally.finishes === 0 && tally.outputBytes === textEnd - textStart - 2;
    if (oneText) this.#mould.learn(bytes, { start, textStart, textEnd, end }, this.edits);
    return "pass";
  }

  #note(textBytes: number): void {
    if (textBytes <= 0) return;
    this.#observed.frames++;
    this.#observed.textBytes += textBytes;
  }

  /** Walks members from the key at `next`; `before` is where the value before it ended, 0 for none. Gives the closing brace's position. */
  #walk(bytes: Buffer, before: number, next: number): number {
    while (next >= 0) {
      before = this.#member(bytes, before, next);
      next = nextIn(bytes, before, braceEnd);
    }
    return -2 - next;
  }

  #member(bytes: Buffer, before: number, key: number): number {
    const value = skipKey(bytes, key);
    if (isKey(bytes, key, "choices")) return this.#tally.read(bytes, value);
    const end = skipValue(bytes, value, 1);
    switch (bytes[key + 1]) {
      case 0x75: // u
        if (isKey(bytes, key, "usage")) this.#usage(bytes, { before, value, end });
        break;
      case 0x65: // e
        if (isKey(bytes, key, "error")) this.#failed ||= isTruthy(bytes, value, end);
        break;
      case 0x6f: // o
        if (isKey(bytes, key, "object")) this.#failed ||= holds(bytes, { start: value, end }, ERROR);
        break;
      case 0x69: // i
        if (isKey(bytes, key, "id")) this.#replace(bytes, { start: value, end }, this.#envelope.id);
        break;
      case 0x6d: // m
        if (isKey(bytes, key, "model")) this.#replace(bytes, { start: value, end }, this.#envelope.model);
        break;
      case 0x73: // s
        if (isKey(bytes, key, "system_fingerprint")) this.#replace(bytes, { start: value, end }, NULL);
        break;
      default:
        break;
    }
    return end;
  }

  #replace(bytes: Buffer, at: Slice, wanted: Buffer): void {
    if (!holds(bytes, at, wanted)) this.edits.push({ start: at.start, end: at.end, bytes: wanted });
  }

  /** A caller that did not ask for usage does not see the member, in whichever chunk the engine puts it. */
  #usage(bytes: Buffer, at: { readonly before: number; readonly value: number; readonly end: number }): void {
    if (bytes[at.value] === brace) {
      this.#hasUsage = true;
      noteUsage(this.#observed, bytes, { start: at.value, end: at.end });
    }
    if (this.#usageAsked) return;
    if (at.before > 0) this.edits.push({ start: at.before, end: at.end, bytes: NOTHING });
    else this.edits.push({ start: at.value, end: at.end, bytes: NULL });
  }
}

const ERROR = Buffer.from('"error"');

/** As the SDKs see it: null, false, 0 and "" are no error. */
function isTruthy(bytes: Buffer, value: number, end: number): boolean {
  const first = bytes[value];
  return first !== 0x6e && first !== 0x66 && first !== BYTE.zero && !(first === quote && end === value + 2);
}

function holds(bytes: Buffer, { start, end }: Slice, expected: Buffer): boolean {
  return end - start === expected.length && bytes.compare(expected, 0, expected.length, start, end) === 0;
}
