/** Cuts a stream of bytes into server-sent events, wherever the network happened to cut it before. */
import { BOUNDS } from "../bounds.ts";
import { Fault } from "../faults.ts";
import { BYTE } from "./json-skip.ts";

const { lineFeed, carriageReturn } = BYTE;
const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Feed a chunk, then call next() until it says false; after each true, `bytes` from `start` to `end` is one frame without its blank
 * line. Nothing is copied while chunks hold whole frames; a frame in pieces is joined once, when its end has come.
 */
export class FrameReader {
  #bytes: Buffer = EMPTY;
  #start = 0;
  #end = 0;
  #after = 0;
  #plain = false;
  /** Pieces of a frame whose end has not come. */
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  /** Whether the pieces end with a line break, so that one more makes a blank line. */
  #lineOpen = false;
  /** Whether this buffer holds a carriage return anywhere: engines do not send any, and lines are found faster without. */
  #carriage = false;
  /** The last frame ended with a carriage return, so a line feed that comes first belongs to it. */
  #swallow = false;

  /** What frames lie in; valid until the next feed. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  /** Where the next frame begins: behind the blank line. */
  get after(): number {
    return this.#after;
  }

  /** The frame is one line, ended by two line feeds. */
  get plain(): boolean {
    return this.#plain;
  }

  /** @throws Fault engine_failed when a frame is larger than replyFrameBytesMax */
  feed(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#swallow && bytes.length > 0) {
      this.#swallow = false;
      if (bytes[0] === lineFeed) bytes = bytes.subarray(1);
    }
    this.#start = this.#end = this.#after = 0;
    this.#bytes = EMPTY;
    if (this.#pieces.length > 0) {
      if (!this.#completes(bytes)) return this.#keep(bytes);
      this.#pieces.push(bytes);
      bytes = Buffer.concat(this.#pieces, this.#piecesBytes + bytes.length);
      this.#pieces = [];
      this.#piecesBytes = 0;
    }
    this.#bytes = bytes;
    this.#carriage = bytes.indexOf(carriageReturn) >= 0;
  }

  /** Moves to the next frame that is not empty; false: none is whole, and what is left waits for the next chunk. */
  next(): boolean {
    while (this.#after < this.#bytes.length) {
      const start = this.#after;
      const end = this.#carriage ? this.#anyBlankLine(start) : this.#blankLine(start);
      if (end < 0) break;
      if (end - start > BOUNDS.replyFrameBytesMax) throw tooLarge();
      if (end === start) continue;
      this.#start = start;
      this.#end = end;
      return true;
    }
    if (this.#after < this.#bytes.length) this.#keep(this.#bytes.subarray(this.#after));
    this.#bytes = EMPTY;
    this.#after = 0;
    return false;
  }

  /** What came behind the last whole frame; empty after a clean end. */
  rest(): Buffer {
    return this.#pieces.length === 1 ? (this.#pieces[0] ?? EMPTY) : Buffer.concat(this.#pieces, this.#piecesBytes);
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#piecesBytes += piece.length;
    if (this.#piecesBytes > BOUNDS.replyFrameBytesMax) throw tooLarge();
    this.#pieces.push(piece);
    const last = piece[piece.length - 1];
    this.#lineOpen = last === lineFeed || last === carriageReturn;
  }

  /** Whether a blank line may end in this chunk, given what the pieces end with; a carriage return cut from its line feed looks like one. */
  #completes(chunk: Buffer): boolean {
    let lineStart = this.#lineOpen;
    let at = 0;
    for (;;) {
      const first = chunk[at];
      if (lineStart && (first === lineFeed || first === carriageReturn)) return true;
      const stop = lineBreak(chunk, at);
      if (stop < 0) return false;
      at = chunk[stop] === carriageReturn && chunk[stop + 1] === lineFeed ? stop + 2 : stop + 1;
      lineStart = true;
    }
  }

  /** Line feeds alone: end of the frame's last line, or -1. */
  #blankLine(start: number): number {
    const bytes = this.#bytes;
    if (bytes[start] === lineFeed) {
      this.#after = start + 1;
      return start;
    }
    let stop = bytes.indexOf(lineFeed, start);
    this.#plain = bytes[stop + 1] === lineFeed;
    while (stop >= 0 && bytes[stop + 1] !== lineFeed) stop = bytes.indexOf(lineFeed, stop + 1);
    if (stop >= 0) this.#after = stop + 2;
    return stop;
  }

  /** Any mixture of line ends. */
  #anyBlankLine(start: number): number {
    const bytes = this.#bytes;
    this.#plain = false;
    let line = start;
    let end = start;
    for (;;) {
      const stop = lineBreak(bytes, line);
      if (stop < 0) return -1;
      const carriage = bytes[stop] === carriageReturn;
      const behind = carriage && bytes[stop + 1] === lineFeed ? stop + 2 : stop + 1;
      if (stop === line) {
        this.#swallow = carriage && behind === bytes.length && behind === stop + 1;
        this.#after = behind;
        return end;
      }
      end = stop;
      line = behind;
    }
  }
}

/** Position of the first line feed or carriage return at or after `at`, or -1. */
function lineBreak(bytes: Buffer, at: number): number {
  const feed = bytes.indexOf(lineFeed, at);
  const carriage = bytes.indexOf(carriageReturn, at);
  return feed < 0 || (carriage >= 0 && carriage < feed) ? carriage : feed;
}

function tooLarge(): Fault {
  return new Fault("engine_failed", { detail: "a frame of the stream is larger than replyFrameBytesMax" });
}
