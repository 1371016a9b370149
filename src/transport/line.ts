/** The connections to one backend. Each backend has its own, so that a stalled one cannot take another's. */
import { Pool } from "undici";
import { BOUNDS } from "../bounds.ts";
import type { Backend } from "../domain/fleet.ts";
import type { Outbound } from "../ports.ts";
import type { Attempt, Lane } from "./attempt.ts";

/**
 * keepAliveMaxTimeout: an engine's own keep-alive hint may shorten, never lengthen, the time an idle connection is kept.
 * Timeouts of zero are off: one sweep keeps the deadlines of all exchanges. allowH2 off: engines speak HTTP/1.1, and each
 * exchange has a connection of its own, which is what makes cancelling one a matter of closing a socket.
 */
function openPool(origin: string, connections: number): Pool {
  return new Pool(origin, {
    connections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: BOUNDS.connectMsMax },
    keepAliveTimeout: BOUNDS.upstreamIdleMs,
    keepAliveMaxTimeout: BOUNDS.upstreamIdleMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: BOUNDS.replyHeaderBytesMax,
  });
}

export class Line implements Lane {
  readonly baseUrl: string;
  readonly connections: number;
  readonly #pool: Pool;
  readonly #prefix: string;
  #held = 0;
  #fresh = false;

  /** @throws TypeError when the base URL is no absolute http(s) URL */
  constructor(backend: Backend, connections: number) {
    const url = new URL(backend.baseUrl);
    if (url.protocol !== "http:" && url.protocol !== "https:") throw new TypeError("a backend is reached over http or https");
    this.baseUrl = backend.baseUrl;
    this.connections = connections;
    this.#prefix = url.pathname === "/" ? "" : url.pathname.replace(/\/$/, "");
    this.#pool = openPool(url.origin, connections);
    // undici says "connect" in the same step in which it starts the exchange that asked for the connection.
    this.#pool.on("connect", () => {
      this.#fresh = true;
    });
  }

  /** As many again may wait as run: those whose callers left but which undici has not let go of yet. */
  get crowded(): boolean {
    return this.#held >= this.connections * 2;
  }

  takeFresh(): boolean {
    const fresh = this.#fresh;
    this.#fresh = false;
    return fresh;
  }

  released(): void {
    this.#held -= 1;
  }

  dispatch(outbound: Outbound, attempt: Attempt): void {
    this.#held += 1;
    const { method, headers, body, pieces } = outbound;
    const path = this.#prefix + outbound.path;
    if (pieces === undefined) this.#pool.dispatch({ path, method, headers: headers.slice(), body: body ?? null }, attempt);
    else {
      const options = { path, method, headers: [...headers, "content-length", lengthOf(pieces)], body: null };
      // undici takes an iterable as a body; its types do not say so.
      this.#pool.dispatch(Object.assign(options, { body: pieces }), attempt);
    }
  }

  /** Takes no more exchanges; those that run end as they would. */
  async retire(): Promise<void> {
    await this.#pool.close();
  }

  /** Closes every connection now. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}

function lengthOf(pieces: readonly Buffer[]): string {
  return String(pieces.reduce((sum, { length }) => sum + length, 0));
}
