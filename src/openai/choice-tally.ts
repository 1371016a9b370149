/** Looks into the choices of an answer: how much output is in them, and which of them say that they have finished. */
import { BYTE, firstIn, nextIn, skipKey, skipValue } from "./json-skip.ts";

const { brace, braceEnd, bracket, bracketEnd, quote } = BYTE;

/** About what surrounds the text of a tool call's fragment. */
const TOOL_CALL_ENVELOPE_BYTES = 60;

/** Sums over the `choices` arrays that are given to it, until it is cleared. */
export class ChoiceTally {
  /** Choices seen; 0 for the empty array of a usage frame. */
  choices = 0;
  /** Bytes of output text, escapes included. */
  outputBytes = 0;
  finishes = 0;
  /** Where the output texts lie: how many there are, and the last one's quotes. */
  texts = 0;
  textStart = 0;
  textEnd = 0;

  clear(): void {
    this.texts = 0;
    this.choices = 0;
    this.outputBytes = 0;
    this.finishes = 0;
  }

  /** Position after the `choices` value at `at`. @throws Fault invalid_json */
  read(bytes: Buffer, at: number): number {
    if (bytes[at] !== bracket) return skipValue(bytes, at, 1);
    let next = firstIn(bytes, at, bracketEnd);
    while (next >= 0) {
      this.choices++;
      next = nextIn(bytes, bytes[next] === brace ? this.#choice(bytes, next) : skipValue(bytes, next, 2), bracketEnd);
    }
    return -1 - next;
  }

  #choice(bytes: Buffer, at: number): number {
    let next = firstIn(bytes, at, braceEnd);
    while (next >= 0) {
      const value = skipKey(bytes, next);
      let end: number;
      if (bytes[value] === brace && (isKey(bytes, next, "delta") || isKey(bytes, next, "message"))) end = this.#message(bytes, value);
      else {
        end = skipValue(bytes, value, 3);
        if (bytes[value] === quote) {
          if (isKey(bytes, next, "text")) this.#text(value, end);
          else if (isKey(bytes, next, "finish_reason")) this.finishes++;
        }
      }
      next = nextIn(bytes, end, braceEnd);
    }
    return -1 - next;
  }

  #text(start: number, end: number): void {
    this.texts++;
    this.textStart = start;
    this.textEnd = end;
    this.outputBytes += end - start - 2;
  }

  /** A delta or a whole message: everything in it but the role is output. */
  #message(bytes: Buffer, at: number): number {
    let next = firstIn(bytes, at, braceEnd);
    while (next >= 0) {
      const value = skipKey(bytes, next);
      const end = skipValue(bytes, value, 4);
      if (bytes[value] === quote) {
        if (!isKey(bytes, next, "role")) this.#text(value, end);
      } else if ((bytes[value] === brace || bytes[value] === bracket) && end - value > 2) {
        this.outputBytes += Math.max(1, end - value - TOOL_CALL_ENVELOPE_BYTES);
      }
      next = nextIn(bytes, end, braceEnd);
    }
    return -1 - next;
  }
}

/** Whether the key whose opening quote is at `at` is `name`, which has no escapes. */
export function isKey(bytes: Buffer, at: number, name: string): boolean {
  const { length } = name;
  if (bytes[at + length + 1] !== quote) return false;
  for (let i = 0; i < length; i++) if (bytes[at + 1 + i] !== name.charCodeAt(i)) return false;
  return true;
}
