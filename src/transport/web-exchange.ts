/** One exchange over `fetch`: bytes are read one chunk at a time and pushed on, as long as nobody has asked for a pause. */
import { BOUNDS } from "../bounds.ts";
import type { Clock, Failure, Listener, Stop, Upstream } from "../ports.ts";
import { judgeBreak, late, listenerThrew, redirected, type Stage } from "./failures.ts";
import type { Limits } from "./limits.ts";

export interface WebRequest {
  readonly method: string;
  readonly headers: [string, string][];
  readonly body: Uint8Array<ArrayBuffer> | null;
}

export type Fetch = (url: string, init: WebRequest & { readonly redirect: "manual"; readonly signal: AbortSignal }) => Promise<Response>;

export interface WebExchangeParts {
  readonly listener: Listener;
  readonly limits: Limits;
  readonly clock: Pick<Clock, "monotonicMs" | "every">;
}

/** What platforms say of a connection that was never made. */
const NO_CONNECTION = /refused|resolve|dns|unreachable|enotfound|ssl|tls|certificate/i;

export class WebExchange implements Upstream {
  readonly #listener: Listener;
  readonly #limits: Limits;
  readonly #startedMs: number;
  readonly #stopSweep: Stop;
  readonly #abort = new AbortController();
  #reader: ReadableStreamBYOBReader | undefined;
  #stage: Stage = "sent";
  #over = false;
  #paused: PromiseWithResolvers<void> | undefined;
  /** Something came since the last sweep: one store per chunk instead of one clock reading. */
  #heard = false;
  #heardMs = 0;

  /** Its timer belongs to whoever sends: where timers end with their request, so does this one. */
  constructor({ listener, limits, clock }: WebExchangeParts) {
    this.#listener = listener;
    this.#limits = limits;
    this.#startedMs = clock.monotonicMs();
    this.#stopSweep = clock.every(BOUNDS.webDeadlineSweepMs, () => this.#sweep(clock.monotonicMs()));
  }

  start(fetch: Fetch, url: string, request: WebRequest): void {
    void this.#run(fetch(url, { ...request, redirect: "manual", signal: this.#abort.signal }));
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers<void>();
  }

  resume(): void {
    this.#heard = true;
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** Lets go of the connection at once; nothing is heard any more. */
  cancel(): void {
    if (this.#over) return;
    this.#finish();
    if (this.#reader === undefined) this.#abort.abort();
    else this.#reader.cancel().catch(() => undefined);
  }

  async #run(answer: Promise<Response>): Promise<void> {
    try {
      const response = await answer;
      if (this.#over) return void response.body?.cancel().catch(() => undefined);
      if (response.status >= 300 && response.status < 400) return this.#stop(redirected(response.status));
      this.#stage = "body";
      this.#heard = true;
      if (this.#tell(() => this.#listener.head(response.status, Object.fromEntries(response.headers)))) await this.#read(response);
    } catch (error) {
      this.#broke(error);
    }
  }

  async #read({ body }: Response): Promise<void> {
    if (body !== null) {
      const reader = (this.#reader = body.getReader({ mode: "byob" }));
      // One buffer goes back and forth; whoever listens may keep what it is given, and gets a copy.
      let room = new ArrayBuffer(BOUNDS.webReadBytesMax);
      for (;;) {
        if (this.#paused !== undefined) await this.#paused.promise;
        const { done, value } = await reader.read(new Uint8Array(room));
        if (done || this.#over) break;
        room = value.buffer;
        this.#heard = true;
        if (!this.#tell(() => this.#listener.data(Buffer.from(value)))) return;
      }
    }
    if (this.#over) return;
    this.#finish();
    this.#listener.end();
  }

  /** False: whoever listens threw, and the exchange is over. */
  #tell(say: () => void): boolean {
    try {
      say();
      return !this.#over;
    } catch (error) {
      this.#stop(listenerThrew(error));
      return false;
    }
  }

  #broke(error: unknown): void {
    if (this.#over) return;
    this.#finish();
    const told = error instanceof Error ? error : new Error(String(error));
    const cause = told.cause instanceof Error ? told.cause : told;
    const stage = this.#stage === "sent" && NO_CONNECTION.test(`${cause.message} ${codeOf(cause)}`) ? "waiting" : this.#stage;
    this.#listener.fail(judgeBreak({ stage, reused: false, error: cause }));
  }

  #stop(failure: Failure): void {
    if (this.#over) return;
    this.cancel();
    this.#listener.fail(failure);
  }

  #finish(): void {
    this.#over = true;
    this.#stopSweep();
    // Whoever waits for leave to go on finds that it is over.
    this.#paused?.resolve();
  }

  /** Exact to one sweep. */
  #sweep(nowMs: number): void {
    const deadline = this.#missed(nowMs);
    if (deadline !== undefined) this.#stop(late(deadline));
  }

  #missed(nowMs: number): Parameters<typeof late>[0] | undefined {
    const ageMs = nowMs - this.#startedMs;
    if (ageMs > this.#limits.totalMsMax) return "total";
    if (this.#stage !== "body") return ageMs > this.#limits.firstByteMsMax ? "first byte" : undefined;
    if (this.#heard || this.#paused !== undefined) {
      this.#heard = false;
      this.#heardMs = nowMs;
      return undefined;
    }
    return nowMs - this.#heardMs > this.#limits.betweenBytesMsMax ? "between bytes" : undefined;
  }
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}
