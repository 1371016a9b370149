/** Randomness drawn in pages, the first when it is first needed: one call to the platform serves some hundred ids. */
import { requestId, type RequestId } from "../domain/ids.ts";
import type { Random } from "../ports.ts";

const PAGE_BYTES = 8_192;

export class PagedRandom implements Random {
  readonly #page = Buffer.alloc(PAGE_BYTES);
  readonly #fill: (page: Buffer<ArrayBuffer>) => unknown;
  #at = PAGE_BYTES;

  /** @param fill overwrites a whole page with random bytes of the platform's best kind */
  constructor(fill: (page: Buffer<ArrayBuffer>) => unknown) {
    this.#fill = fill;
  }

  unit(): number {
    const at = this.#take(6);
    return this.#page.readUIntBE(at, 6) / 2 ** 48;
  }

  /** UUIDv7 layout: 48 bits of time, version, 74 random bits. */
  requestId(nowMs: number): RequestId {
    const at = this.#take(10);
    const page = this.#page;
    page[at] = 0x70 | ((page[at] ?? 0) & 0x0f);
    page[at + 2] = 0x80 | ((page[at + 2] ?? 0) & 0x3f);
    return requestId(nowMs.toString(16).padStart(12, "0") + page.toString("hex", at, at + 10));
  }

  id(prefix: string): string {
    const at = this.#take(16);
    return `${prefix}_${this.#page.toString("hex", at, at + 16)}`;
  }

  secret(): string {
    const at = this.#take(32);
    const secret = this.#page.toString("base64url", at, at + 32);
    this.#page.fill(0, at, at + 32);
    return secret;
  }

  #take(bytes: number): number {
    if (this.#at + bytes > PAGE_BYTES) {
      this.#fill(this.#page);
      this.#at = 0;
    }
    const at = this.#at;
    this.#at += bytes;
    return at;
  }
}
