/** A caller that asks for a long stream and then reads one byte of it a second. */
import { connect, type Socket } from "node:net";
import { until } from "../../edge/support/until.ts";

const EVERY_MS = 1_000;

export class Sluggard {
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;
  #read = 0;
  #closed = false;

  constructor(port: number, request: Buffer) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("error", () => undefined).on("close", () => (this.#closed = true));
    // What has come is taken from the kernel only as far as one buffer goes, and that is emptied a byte at a time.
    this.#socket.on("readable", () => undefined);
    this.#socket.write(request);
    this.#timer = setInterval(() => this.#sip(), EVERY_MS);
  }

  #sip(): void {
    const byte: unknown = this.#socket.read(1);
    if (byte !== null) this.#read += 1;
  }

  /** Bytes it has taken. */
  get read(): number {
    return this.#read;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.destroy();
  }

  /** Takes all that is still to be had. @returns bytes in all, when the connection has ended */
  async wake(): Promise<number> {
    clearInterval(this.#timer);
    this.#socket.removeAllListeners("readable");
    this.#socket.on("data", (data: Buffer) => (this.#read += data.length));
    await until("its connection ends", () => this.#closed);
    return this.#read;
  }
}
