/** What breaks an exchange below the level of HTTP, by a code that judgeBreak() understands; messages never reach anybody. */

export const WIRE_CODES = [
  /** The answer is no HTTP/1.1 that we accept. */
  "WIRE_MALFORMED",
  /** Its head is larger than bounds allow. */
  "WIRE_HEAD_OVERFLOW",
  /** The engine closed the connection in the middle of things. */
  "WIRE_CLOSED",
  /** No connection in time. */
  "WIRE_CONNECT_TIMEOUT",
  /** We closed the connections to this backend. */
  "WIRE_RETIRED",
  /** The request has a header that cannot be written. */
  "WIRE_UNWRITABLE",
] as const;
export type WireCode = (typeof WIRE_CODES)[number];

export class WireError extends Error {
  readonly code: WireCode;

  constructor(code: WireCode, message: string) {
    super(message);
    this.name = "WireError";
    this.code = code;
  }
}
