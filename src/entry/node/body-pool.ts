/**
 * Memory for large request bodies, used again and again. A fresh buffer for each would be memory that V8 does not see the inside of, and it
 * answers such growth with full collections: on 200 kB prompts they cost more than everything else together.
 */

const SMALLEST_BYTES = 128 * 1024;
const LARGEST_BYTES = 1024 * 1024;
/** Buffers kept of each size: 30 MiB in all. */
const KEPT_OF_EACH = 16;

export class BodyPool {
  readonly #free = new Map<number, Buffer[]>();

  /** A buffer of at least so many bytes, with old content; undefined for sizes that are not worth keeping. */
  take(bytes: number): Buffer | undefined {
    if (bytes < SMALLEST_BYTES / 2 || bytes > LARGEST_BYTES) return undefined;
    const size = sizeFor(bytes);
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
  }

  /** To be called once for what take gave, when nobody reads or sends it any more. Never calling it is safe: it is collected then. */
  give(buffer: Buffer): void {
    const kept = this.#free.get(buffer.length);
    if (kept === undefined) this.#free.set(buffer.length, [buffer]);
    else if (kept.length < KEPT_OF_EACH) kept.push(buffer);
  }
}

/** The next power of two. */
function sizeFor(bytes: number): number {
  let size = SMALLEST_BYTES;
  while (size < bytes) size *= 2;
  return size;
}
