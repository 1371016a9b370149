/** One caller's stream over a bare socket, which can leave at any instant and in either way. */
import { connect, type Socket } from "node:net";
import { KEY, MODEL } from "./gateway.ts";
import { marked } from "./scripted-engine.ts";

export class RawStream {
  readonly sentMs: number;
  readonly #socket: Socket;
  #text = "";
  #firstMs: number | undefined;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(port: number, marker: string) {
    const body = marked(MODEL, marker);
    const lines = [
      "POST /v1/chat/completions HTTP/1.1",
      `host: 127.0.0.1:${String(port)}`,
      `authorization: Bearer ${KEY}`,
      "content-type: application/json",
      `content-length: ${String(Buffer.byteLength(body))}`,
      "connection: close",
    ];
    this.sentMs = performance.now();
    this.#socket = connect(port, "127.0.0.1", () => this.#socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`));
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  #take(chunk: Buffer): void {
    this.#firstMs ??= performance.now();
    this.#text += chunk.toString("latin1");
    this.#wake();
  }

  /** From sending to the first byte of an answer, milliseconds; undefined: none came. */
  get firstByteMs(): number | undefined {
    return this.#firstMs === undefined ? undefined : this.#firstMs - this.sentMs;
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.#text)?.[1] ?? 0);
  }

  /** What came so far, head included. */
  get text(): string {
    return this.#text;
  }

  /** Resolves with the first output, or with the end. */
  async begun(): Promise<void> {
    while (!this.#closed && !this.#text.includes('"content"')) await this.#news();
  }

  async ended(): Promise<void> {
    while (!this.#closed) await this.#news();
  }

  /** FIN, or RST. */
  leave(how: "FIN" | "RST"): void {
    if (how === "RST") this.#socket.resetAndDestroy();
    else this.#socket.end();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
