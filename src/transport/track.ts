/** One connection to an engine, made when first needed and again after it was closed. It carries one exchange at a time. */
import { Client, type buildConnector } from "undici";
import { BOUNDS } from "../bounds.ts";
import type { Lane } from "./attempt.ts";

/**
 * keepAliveMaxTimeout: an engine's own keep-alive hint may shorten, never lengthen, the time an idle connection is kept.
 * Timeouts of zero are off: one sweep keeps the deadlines of all exchanges. No HTTP/2: engines speak HTTP/1.1, and each exchange has a
 * connection of its own, which is what makes cancelling one a matter of closing a socket.
 */
function openClient(origin: string, connect: buildConnector.connector): Client {
  return new Client(origin, {
    connect,
    pipelining: 1,
    keepAliveTimeout: BOUNDS.upstreamIdleMs,
    keepAliveMaxTimeout: BOUNDS.upstreamIdleMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: BOUNDS.replyHeaderBytesMax,
  });
}

export class Track implements Lane {
  readonly client: Client;
  readonly #onFree: () => void;
  #fresh = false;

  constructor(origin: string, connect: buildConnector.connector, onFree: () => void) {
    this.client = openClient(origin, connect);
    this.#onFree = onFree;
    // undici says "connect" in the same step in which it starts the exchange that asked for the connection.
    this.client.on("connect", () => {
      this.#fresh = true;
    });
  }

  takeFresh(): boolean {
    const fresh = this.#fresh;
    this.#fresh = false;
    return fresh;
  }

  released(): void {
    this.#onFree();
  }
}
