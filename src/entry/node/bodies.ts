/** Reads request bodies up to their bound, with one eye on what all of them together hold. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { BOUNDS } from "../../bounds.ts";
import { Fault, type FaultName } from "../../faults.ts";
import { BodyPool } from "./body-pool.ts";

export class Bodies {
  readonly #pool = new BodyPool();
  /** Bytes of bodies that are being read now, over all ports of the process. */
  #reading = 0;

  /** @throws Fault body_too_large, body_timeout, overloaded */
  read(incoming: IncomingMessage, outgoing: ServerResponse, bytesMax: number): Promise<Buffer> {
    const declared = Number(incoming.headers["content-length"] ?? 0);
    if (declared > bytesMax) return Promise.reject(tooLarge(bytesMax));
    if (this.#reading + declared > BOUNDS.bodyBytesTotalMax)
      return Promise.reject(new Fault("overloaded", { retryAfterMs: BOUNDS.retryAfterDefaultMs }));
    const into = this.#pool.take(declared);
    // The engine has the whole body, or has lost its connection, before an answer to it can be finished.
    if (into !== undefined) outgoing.once("finish", () => this.#pool.give(into));
    return this.#collect(incoming, bytesMax, into === undefined ? new Chunks() : new Filled(into));
  }

  /** Listeners stay: a message ends once, and taking them off costs more than asking whether it is over. */
  #collect(incoming: IncomingMessage, bytesMax: number, gathered: Gathered): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let over = false;
      // Every message closes in the end, long after its body: nothing may be made for that, an Error least of all.
      const end = (why: "whole" | FaultName): void => {
        if (over) return;
        over = true;
        this.#reading -= gathered.bytes;
        if (why === "whole") resolve(gathered.whole());
        else reject(why === "body_too_large" ? tooLarge(bytesMax) : new Fault(why));
      };
      incoming.on("data", (chunk: Buffer) => {
        if (over) return;
        gathered.add(chunk);
        this.#reading += chunk.length;
        if (gathered.bytes > bytesMax) end("body_too_large");
      });
      incoming.on("end", () => end("whole"));
      incoming.on("close", () => end("body_timeout"));
    });
  }
}

interface Gathered {
  readonly bytes: number;
  add(chunk: Buffer): void;
  whole(): Buffer;
}

/** For small bodies, and those that do not say how long they are. */
class Chunks implements Gathered {
  readonly #chunks: Buffer[] = [];
  bytes = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.bytes += chunk.length;
  }

  whole(): Buffer {
    const [first] = this.#chunks;
    return this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.bytes);
  }
}

/** For bodies that said how long they are; node:http lets none be longer. */
class Filled implements Gathered {
  readonly #into: Buffer;
  bytes = 0;

  constructor(into: Buffer) {
    this.#into = into;
  }

  add(chunk: Buffer): void {
    this.bytes += chunk.copy(this.#into, this.bytes);
  }

  whole(): Buffer {
    return this.#into.subarray(0, this.bytes);
  }
}

function tooLarge(bytesMax: number): Fault {
  return new Fault("body_too_large", {
    text: `The request body is larger than ${String(bytesMax / 1024 / 1024)} MiB.`,
    headers: { connection: "close" },
  });
}
