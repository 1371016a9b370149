/** The way to engines where the platform has sockets of its own and gives out `fetch`: the same check of the clearance, the same deadlines. */
import { BOUNDS } from "../bounds.ts";
import { Clearance } from "../domain/clearance.ts";
import type { Backend } from "../domain/fleet.ts";
import type { Clock, HeaderList, Listener, Outbound, Transport, Upstream } from "../ports.ts";
import { INFERENCE_LIMITS, type Limits } from "./limits.ts";
import { WebExchange, type Fetch } from "./web-exchange.ts";

export interface WebTransportParts {
  readonly clock: Pick<Clock, "monotonicMs" | "every">;
  readonly fetch: Fetch;
  /** Deadlines of inference; those of src/bounds.ts unless given. */
  readonly limits?: Limits;
}

export class WebTransport implements Transport {
  readonly #parts: WebTransportParts;
  readonly #limits: Limits;
  readonly #wholeLimits: Limits;

  constructor(parts: WebTransportParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? INFERENCE_LIMITS;
    // An answer that comes in one piece is silent until it is whole.
    this.#wholeLimits = { ...this.#limits, firstByteMsMax: this.#limits.totalMsMax };
  }

  send(clearance: Clearance, outbound: Outbound, listener: Listener): Upstream {
    if (!Clearance.is(clearance)) throw new TypeError("nothing is sent without a clearance");
    const { clock, fetch } = this.#parts;
    const limits = outbound.comesWhole === true ? this.#wholeLimits : this.#limits;
    const exchange = new WebExchange({ listener, limits, clock });
    exchange.start(fetch, urlOf(clearance.backend, outbound.path), {
      method: outbound.method,
      headers: headersOf(outbound.headers),
      body: bodyOf(outbound),
    });
    return exchange;
  }
}

/** @throws TypeError for a path that could lead elsewhere */
function urlOf({ baseUrl }: Backend, path: string): string {
  if (!path.startsWith("/")) throw new TypeError("an outbound path starts with a slash");
  if (!/^https?:\/\//.test(baseUrl)) throw new TypeError("a backend is reached over http or https");
  return (baseUrl.endsWith("/") ? baseUrl.slice(0, -1) : baseUrl) + path;
}

function headersOf(list: HeaderList): [string, string][] {
  const headers: [string, string][] = [];
  for (let at = 0; at < list.length; at += 2) headers.push([list[at] ?? "", list[at + 1] ?? ""]);
  return headers;
}

/** The platform takes one piece. */
function bodyOf({ body, pieces }: Outbound): Uint8Array<ArrayBuffer> | null {
  if (pieces !== undefined) return joined(pieces);
  return body === undefined ? null : joined([body]);
}

/** @throws RangeError for more than a whole body and what may be spliced into it */
function joined(pieces: readonly Buffer[]): Uint8Array<ArrayBuffer> {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length > 2 * BOUNDS.bodyBytesMax) throw new RangeError("an outbound body is larger than any body that comes in");
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
