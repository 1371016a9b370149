/** Reads request bodies up to their bound, with one eye on what an isolate's small memory holds of all of them together. */
import { BOUNDS } from "../../bounds.ts";
import { Fault } from "../../faults.ts";
import type { Clock } from "../../ports.ts";

export class IsolateBodies {
  readonly #clock: Pick<Clock, "after">;
  /** Bytes of bodies that are being read now. */
  #reading = 0;

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  /** @throws Fault body_too_large, body_timeout, overloaded */
  async read({ body, headers }: Request, bytesMax: number): Promise<Buffer> {
    const declared = Number(headers.get("content-length") ?? 0);
    if (declared > bytesMax) throw tooLarge(bytesMax);
    if (this.#reading + declared > BOUNDS.isolateBodyBytesTotalMax) throw overloaded();
    if (body === null) return Buffer.alloc(0);
    const reader = body.getReader();
    let late = false;
    const stop = this.#clock.after(BOUNDS.bodyReadMsMax, () => {
      late = true;
      reader.cancel().catch(() => undefined);
    });
    try {
      const whole = await this.#collect(reader, bytesMax);
      if (late) throw new Fault("body_timeout");
      return whole;
    } catch (failure) {
      throw failure instanceof Fault ? failure : new Fault("body_timeout", { cause: failure });
    } finally {
      stop();
    }
  }

  async #collect(reader: ReadableStreamDefaultReader<Uint8Array>, bytesMax: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        chunks.push(next.value);
        bytes += next.value.length;
        this.#reading += next.value.length;
        if (bytes > bytesMax) throw tooLarge(bytesMax);
        if (this.#reading > BOUNDS.isolateBodyBytesTotalMax) throw overloaded();
      }
    } catch (failure) {
      reader.cancel().catch(() => undefined);
      throw failure;
    } finally {
      this.#reading -= bytes;
    }
    const [first] = chunks;
    return chunks.length === 1 && first !== undefined
      ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
      : Buffer.concat(chunks, bytes);
  }
}

function tooLarge(bytesMax: number): Fault {
  return new Fault("body_too_large", { text: `The request body is larger than ${String(bytesMax / 1024 / 1024)} MiB.` });
}

function overloaded(): Fault {
  return new Fault("overloaded", { retryAfterMs: BOUNDS.retryAfterDefaultMs });
}
