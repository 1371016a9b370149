/** JSON is put together here from texts of ours and bytes of others, which are never decoded on the way. */

const START_BYTES = 256;

/** One buffer of texts and bytes, in their order. */
export function joined(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
}

/** Bytes that grow at their end. */
export class Growing {
  #bytes: Buffer;
  #length = 0;

  constructor(bytes = START_BYTES) {
    this.#bytes = Buffer.allocUnsafe(bytes);
  }

  get length(): number {
    return this.#length;
  }

  copy(source: Buffer, start = 0, end = source.length): void {
    const more = end - start;
    this.#make(more);
    // Most are a few bytes long, where the call into native code costs more than the loop.
    if (more > 32) source.copy(this.#bytes, this.#length, start, end);
    else for (let at = 0; at < more; at++) this.#bytes[this.#length + at] = source[start + at] ?? 0;
    this.#length += more;
  }

  text(text: string): void {
    this.#make(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** A whole number from 0, in decimal. */
  number(value: number): void {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    this.#make(digits);
    let rest = value;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      this.#bytes[at] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.#length += digits;
  }

  /** What has been gathered; valid until more is. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Hands the bytes over and begins anew; undefined when there are none. */
  take(): Buffer | undefined {
    if (this.#length === 0) return undefined;
    const taken = this.bytes;
    this.#bytes = Buffer.allocUnsafe(START_BYTES);
    this.#length = 0;
    return taken;
  }

  #make(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(wanted, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
