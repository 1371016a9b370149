/**
 * node:http to Hono without a Request in between. Hono routes by method and path, and handlers here read the raw message; building a
 * Request for each call costs more than routing it. A request made here shows its method and nothing else.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Hono } from "hono";

class Asked {
  readonly method: string;

  constructor(method: string) {
    this.method = method;
  }
}

Object.setPrototypeOf(Asked.prototype, Request.prototype);

/** A request listener for handlers that answer through the raw response. */
export function straight(app: Hono): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  return (incoming, outgoing) => {
    const asked: unknown = new Asked(incoming.method ?? "GET");
    if (!(asked instanceof Request)) throw new Error("a request is not what it was made to be");
    const answered = app.fetch(asked, { incoming, outgoing });
    if (answered instanceof Promise) answered.catch(() => outgoing.destroy());
  };
}
