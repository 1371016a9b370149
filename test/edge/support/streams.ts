/** Streams that run while something happens to the gateway: what each got, and when. */
import { connect, type Socket } from "node:net";
import { HOSTS } from "./estate.ts";
import { bearer, request } from "./raw.ts";

export class OpenStream {
  readonly #socket: Socket;
  readonly #contentAtMs: number[] = [];
  #text = "";
  #closed = false;

  constructor(options: {
    readonly port: number;
    readonly key: string;
    readonly model: string;
    readonly tokens: number;
    readonly prompt?: string;
    readonly host?: string;
  }) {
    const { port, key, model, tokens, prompt = "", host = HOSTS.alpine } = options;
    const messages = [{ role: "user", content: `[[tokens:${tokens}]]${prompt}` }];
    const body = JSON.stringify({ model, messages, stream: true, max_tokens: tokens });
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("error", () => undefined).on("close", () => (this.#closed = true));
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk.toString("latin1")));
    this.#socket.write(request({ host, headers: [bearer(key), "content-type: application/json"], body }));
  }

  #take(text: string): void {
    this.#text += text;
    const nowMs = performance.now();
    for (const _ of text.matchAll(/"content":"[^"]/g)) this.#contentAtMs.push(nowMs);
  }

  /** The gateway's name for it; undefined while nothing has come. */
  get requestId(): string | undefined {
    return /^x-request-id: (\w+)/im.exec(this.#text)?.[1];
  }

  /** Frames with output that had come by then. */
  framesBy(atMs: number): number {
    return this.#contentAtMs.filter((cameMs) => cameMs <= atMs).length;
  }

  get frames(): number {
    return this.#contentAtMs.length;
  }

  /** It came to its proper end. */
  get done(): boolean {
    return this.#text.includes("data: [DONE]");
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#socket.destroy();
  }
}
