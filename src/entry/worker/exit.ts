/** The way out as a Response. The push core's bytes go into a stream that the platform drains; whoever leaves is told by the request's signal. */
import { BOUNDS } from "../../bounds.ts";
import type { Exit, HeaderList } from "../../ports.ts";

type Bytes = Uint8Array<ArrayBufferLike>;

export class WebExit implements Exit {
  /** Resolves with the first bytes, or with the whole answer where it comes in one piece. */
  readonly answer: Promise<Response>;
  readonly #signal: AbortSignal;
  readonly #settle: Omit<PromiseWithResolvers<Response>, "promise">;
  #status = 200;
  #headers: HeaderList = [];
  #started = false;
  #body: ReadableStreamDefaultController<Bytes> | undefined;
  #drained: (() => void) | undefined;
  /** The stream has been said to be full. */
  #full = false;
  #gone = false;

  constructor(signal: AbortSignal) {
    const { promise, ...settle } = Promise.withResolvers<Response>();
    this.answer = promise;
    this.#settle = settle;
    this.#signal = signal;
  }

  get started(): boolean {
    return this.#started;
  }

  head(status: number, headers: HeaderList): void {
    this.#status = status;
    this.#headers = headers;
    this.#started = true;
  }

  write(bytes: Buffer): boolean {
    if (this.#gone) return true;
    const body = (this.#body ??= this.#open());
    body.enqueue(bytes);
    this.#full = (body.desiredSize ?? 0) <= 0;
    return !this.#full;
  }

  end(bytes?: Buffer): void {
    if (this.#gone) return;
    const body = this.#body;
    if (body === undefined) return this.#settle.resolve(this.#respond(this.#status === 204 ? null : (bytes ?? null)));
    if (bytes !== undefined) body.enqueue(bytes);
    body.close();
  }

  abort(): void {
    const cut = new Error("the answer was cut");
    if (this.#body === undefined) this.#settle.reject(cut);
    else if (!this.#gone) this.#body.error(cut);
  }

  onGone(then: () => void): void {
    const leave = (): void => {
      this.#gone = true;
      then();
    };
    if (this.#signal.aborted) leave();
    else this.#signal.addEventListener("abort", leave, { once: true });
  }

  onDrain(then: () => void): void {
    this.#drained = then;
  }

  #open(): ReadableStreamDefaultController<Bytes> {
    let body: ReadableStreamDefaultController<Bytes> | undefined;
    const stream = new ReadableStream<Bytes>(
      { start: (controller) => void (body = controller), pull: () => this.#pulled() },
      { highWaterMark: BOUNDS.webWaitingBytesMax, size: (chunk) => chunk.byteLength },
    );
    if (body === undefined) throw new Error("a stream did not start");
    this.#settle.resolve(this.#respond(stream));
    return body;
  }

  #pulled(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#drained?.();
  }

  #respond(body: Buffer | ReadableStream<Bytes> | null): Response {
    const headers: [string, string][] = [];
    for (let at = 0; at < this.#headers.length; at += 2) headers.push([this.#headers[at] ?? "", this.#headers[at + 1] ?? ""]);
    // A Buffer may be a window into a larger one: it is sent as it is, not what lies behind it.
    return new Response(body === null || body instanceof ReadableStream ? body : new Uint8Array(body), { status: this.#status, headers });
  }
}
