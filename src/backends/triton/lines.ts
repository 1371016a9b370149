/** Cuts a byte stream into lines, across any split of the chunks. */
import { BOUNDS } from "../../bounds.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export class Lines {
  #rest: Buffer[] = [];
  #restBytes = 0;

  /** Complete lines without their ends; undefined when a line has grown beyond a frame's bound. */
  push(chunk: Buffer): readonly string[] | undefined {
    const lines: string[] = [];
    let from = 0;
    let end = chunk.indexOf(LINE_FEED);
    while (end >= 0) {
      lines.push(this.#line(chunk.subarray(from, end)));
      from = end + 1;
      end = chunk.indexOf(LINE_FEED, from);
    }
    if (from < chunk.length) {
      this.#rest.push(chunk.subarray(from));
      this.#restBytes += chunk.length - from;
    }
    return this.#restBytes > BOUNDS.replyFrameBytesMax ? undefined : lines;
  }

  /** What came behind the last line end. */
  end(): string {
    return this.#line(Buffer.alloc(0));
  }

  #line(tail: Buffer): string {
    let whole = tail;
    if (this.#restBytes > 0) {
      this.#rest.push(tail);
      whole = Buffer.concat(this.#rest, this.#restBytes + tail.length);
      this.#rest = [];
      this.#restBytes = 0;
    }
    const end = whole[whole.length - 1] === CARRIAGE_RETURN ? whole.length - 1 : whole.length;
    return whole.toString("utf8", 0, end);
  }
}
