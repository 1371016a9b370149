/** Reads one answer after the other from one connection. A push parser: bytes in, calls out, nothing kept but an unfinished head. */
import { BOUNDS } from "../bounds.ts";
import { ChunkedReader } from "./chunked.ts";
import { type Framing, type ReplyHead, readReplyHead } from "./reply-head.ts";
import { WireError } from "./wire-error.ts";

const BLANK_LINE = "\r\n\r\n";
const NOTHING = Buffer.alloc(0);
const VERSION = Buffer.from("HTTP/1.");

/** Takes an answer in the order in which it comes. */
export interface ReplySink {
  /** The first byte is here. */
  begun(): void;
  /** Status and headers; never a 1xx. */
  head(head: ReplyHead): void;
  /** All the payload of one read, in a buffer of its own. */
  body(chunk: Buffer): void;
  /** No more is to be delivered now. */
  readonly halted: boolean;
}

export class ReplyParser {
  readonly #sink: ReplySink;
  #begun = false;
  #head: ReplyHead | undefined;
  #unfinished = NOTHING;
  #interimHeads = 0;
  #chunked: ChunkedReader | undefined;
  /** Payload bytes still to come, when the head said how many. */
  #left = 0;
  #whole = false;

  constructor(sink: ReplySink) {
    this.#sink = sink;
  }

  /** The answer has come to its end. */
  get whole(): boolean {
    return this.#whole;
  }

  get head(): ReplyHead | undefined {
    return this.#head;
  }

  /** Forgets the answer that has ended; the next byte begins another. */
  reset(): void {
    this.#begun = false;
    this.#head = undefined;
    this.#chunked = undefined;
    this.#interimHeads = 0;
    this.#whole = false;
  }

  /**
   * Reads until the answer is whole or the sink halts. `bytes` may be used for something else as soon as this returns.
   * @returns how many bytes were read. @throws WireError WIRE_MALFORMED, WIRE_HEAD_OVERFLOW
   */
  feed(bytes: Buffer): number {
    if (bytes.length === 0) return 0;
    if (!this.#begun) {
      this.#begun = true;
      this.#sink.begun();
    }
    if (this.#head !== undefined) return this.#readBody(bytes, 0);
    const before = this.#unfinished.length;
    const joined = before === 0 ? bytes : Buffer.concat([this.#unfinished, bytes]);
    this.#unfinished = NOTHING;
    return this.#read(joined) - before;
  }

  /** The engine will send no more. True: that is how this answer ends. */
  closed(): boolean {
    this.#whole ||= this.#head?.framing === "close";
    return this.#whole;
  }

  #read(bytes: Buffer): number {
    const at = this.#readHead(bytes);
    if (this.#head === undefined || this.#whole || this.#sink.halted) return at;
    return this.#readBody(bytes, at);
  }

  /** Interim heads (1xx) are passed over. @returns where the body begins */
  #readHead(bytes: Buffer): number {
    let at = 0;
    while (this.#head === undefined) {
      const end = bytes.indexOf(BLANK_LINE, at, "latin1");
      if ((end < 0 ? bytes.length : end) - at > BOUNDS.replyHeaderBytesMax) throw new WireError("WIRE_HEAD_OVERFLOW", "an answer's head");
      if (end < 0) {
        if (!mayBeHead(bytes, at)) throw new WireError("WIRE_MALFORMED", "an answer that is no HTTP/1");
        this.#unfinished = Buffer.from(bytes.subarray(at));
        return bytes.length;
      }
      this.#take(readReplyHead(bytes.toString("latin1", at, end)));
      at = end + BLANK_LINE.length;
    }
    return at;
  }

  #take(head: ReplyHead): void {
    if (head.status < 200) {
      this.#interimHeads += 1;
      if (head.status === 101 || this.#interimHeads > BOUNDS.interimHeadsMax) throw new WireError("WIRE_MALFORMED", "an interim answer");
      return;
    }
    this.#head = head;
    this.#beginBody(head.framing);
    this.#sink.head(head);
  }

  #beginBody(framing: Framing): void {
    if (framing === "chunked") this.#chunked = new ChunkedReader();
    this.#left = framing === "close" ? Infinity : framing === "chunked" ? 0 : framing;
    this.#whole = framing === 0;
  }

  #readBody(bytes: Buffer, at: number): number {
    if (at >= bytes.length) return at;
    return this.#chunked === undefined ? this.#readPlain(bytes, at) : this.#readChunked(this.#chunked, bytes, at);
  }

  #readPlain(bytes: Buffer, at: number): number {
    const end = at + Math.min(this.#left, bytes.length - at);
    const chunk = Buffer.allocUnsafe(end - at);
    bytes.copy(chunk, 0, at, end);
    this.#left -= chunk.length;
    this.#whole = this.#left === 0;
    if (chunk.length > 0) this.#sink.body(chunk);
    return end;
  }

  #readChunked(chunked: ChunkedReader, bytes: Buffer, at: number): number {
    const out = Buffer.allocUnsafe(bytes.length - at);
    const progress = chunked.read(bytes, at, out);
    this.#whole = chunked.over;
    if (progress.filled > 0) this.#sink.body(progress.filled === out.length ? out : out.subarray(0, progress.filled));
    return progress.at;
  }
}

/** What speaks another protocol never sends the blank line that would be waited for. */
function mayBeHead(bytes: Buffer, at: number): boolean {
  const known = Math.min(VERSION.length, bytes.length - at);
  return bytes.compare(VERSION, 0, known, at, at + known) === 0;
}
