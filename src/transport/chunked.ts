/** Takes the chunked transfer coding off: bytes in, payload out, however the network has cut them. */
import { BOUNDS } from "../bounds.ts";
import { WireError } from "./wire-error.ts";

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;
/** Digits of a chunk's size: larger ones than 32 bits say are no honest answer. */
const SIZE_DIGITS_MAX = 8;

/**
 * Where a byte stands. size: in the digits. extension: between them and the end of the line. sizeEnd: the line feed is due.
 * data: in the payload. dataEnd, dataEndLf: the line break behind it. trailer: at the start of a line behind the last chunk.
 * trailerLine: in such a line. trailerLf: its line feed is due. lastLf: the very last line feed is due. over: all is read.
 */
type State =
  "size" | "extension" | "sizeEnd" | "data" | "dataEnd" | "dataEndLf" | "trailer" | "trailerLine" | "trailerLf" | "lastLf" | "over";

export class ChunkedReader {
  #state: State = "size";
  #digits = 0;
  /** Of the size being read, then payload bytes still to come. */
  #left = 0;
  /** Bytes of this chunk's extension, or of all trailers: nobody reads them, so few are suffered. */
  #idle = 0;

  get over(): boolean {
    return this.#state === "over";
  }

  /**
   * Reads from `at`, copies payload into `out` from its start. Stops behind the last chunk.
   * @throws WireError WIRE_MALFORMED
   */
  read(bytes: Buffer, at: number, out: Buffer): Progress {
    let from = at;
    let filled = 0;
    while (from < bytes.length && this.#state !== "over") {
      if (this.#state === "data") {
        const run = Math.min(this.#left, bytes.length - from);
        bytes.copy(out, filled, from, from + run);
        filled += run;
        from += run;
        this.#left -= run;
        if (this.#left === 0) this.#state = "dataEnd";
      } else {
        this.#step(bytes[from] ?? 0);
        from += 1;
      }
    }
    return { at: from, filled };
  }

  #step(byte: number): void {
    switch (this.#state) {
      case "size":
        this.#size(byte);
        return;
      case "extension":
        if (byte === CR) this.#state = "sizeEnd";
        else this.#skip(byte);
        return;
      case "sizeEnd":
        this.#expect(byte, LF, this.#left === 0 ? "trailer" : "data");
        this.#digits = 0;
        return;
      case "dataEnd":
        this.#expect(byte, CR, "dataEndLf");
        return;
      case "dataEndLf":
        this.#expect(byte, LF, "size");
        this.#idle = 0;
        return;
      default:
        this.#trail(byte);
    }
  }

  #size(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#digits += 1;
      if (this.#digits > SIZE_DIGITS_MAX) throw malformed();
      this.#left = this.#left * 16 + digit;
    } else if (this.#digits === 0) throw malformed();
    else if (byte === CR) this.#state = "sizeEnd";
    else if (byte === SEMICOLON) this.#state = "extension";
    else throw malformed();
  }

  #trail(byte: number): void {
    switch (this.#state) {
      case "trailer":
        if (byte === CR) this.#state = "lastLf";
        else {
          this.#skip(byte);
          this.#state = "trailerLine";
        }
        return;
      case "trailerLine":
        if (byte === CR) this.#state = "trailerLf";
        else this.#skip(byte);
        return;
      case "trailerLf":
        this.#expect(byte, LF, "trailer");
        return;
      default:
        this.#expect(byte, LF, "over");
    }
  }

  #skip(byte: number): void {
    this.#idle += 1;
    if (byte === LF || this.#idle > BOUNDS.chunkExtraBytesMax) throw malformed();
  }

  #expect(byte: number, due: number, next: State): void {
    if (byte !== due) throw malformed();
    this.#state = next;
  }
}

/** `at`: the first byte that was not read. `filled`: bytes of payload that were copied out. */
export interface Progress {
  readonly at: number;
  readonly filled: number;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function malformed(): WireError {
  return new WireError("WIRE_MALFORMED", "an answer's chunk");
}
