/** Copies a chunk with a few ranges replaced: one buffer out per chunk in, and the chunk itself when nothing changes. */

export class Rewriter {
  #source: Buffer = Buffer.alloc(0);
  /** First byte of the source that is not yet accounted for. */
  #from = 0;
  #length = 0;
  #count = 0;
  readonly #buffers: Buffer[] = [];
  /** Start and end of each buffer's range, two numbers a range. */
  readonly #ranges: number[] = [];

  /** Starts on a source; bytes before `at` are left out. */
  begin(source: Buffer, at: number): void {
    this.#source = source;
    this.#from = at;
    this.#length = 0;
    this.#count = 0;
  }

  /** Source bytes [start, end) become `bytes`. Ranges come in order. */
  replace(start: number, end: number, bytes: Buffer): void {
    this.#add(this.#source, this.#from, start);
    this.#add(bytes, 0, bytes.length);
    this.#from = end;
  }

  /** Ends the copy before the source's position `at`; undefined when nothing is left of it. */
  finish(at: number): Buffer | undefined {
    this.#add(this.#source, this.#from, at);
    const out = this.#join();
    this.#source = Buffer.alloc(0);
    this.#buffers.length = 0;
    return out;
  }

  #join(): Buffer | undefined {
    if (this.#count === 0) return undefined;
    const first = this.#buffers[0];
    if (this.#count === 1 && first !== undefined) return first.subarray(this.#ranges[0], this.#ranges[1]);
    const out = Buffer.allocUnsafe(this.#length);
    let to = 0;
    for (let i = 0; i < this.#count; i++) to += this.#buffers[i]?.copy(out, to, this.#ranges[2 * i], this.#ranges[2 * i + 1]) ?? 0;
    return out;
  }

  #add(bytes: Buffer, start: number, end: number): void {
    if (start >= end) return;
    const i = this.#count++;
    this.#buffers[i] = bytes;
    this.#ranges[2 * i] = start;
    this.#ranges[2 * i + 1] = end;
    this.#length += end - start;
  }
}
