/**
 * The head of an engine's answer, read strictly: what two readers could understand differently (a bare line feed, a folded line, a length
 * beside a transfer coding) is refused, since the end of one answer decides whose the next bytes are.
 */
import { WireError } from "./wire-error.ts";

export type ReplyHeaders = Record<string, string | string[] | undefined>;

/** How the body ends: after so many bytes, with the last chunk, or with the connection. */
export type Framing = number | "chunked" | "close";

export interface ReplyHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReplyHeaders;
  readonly framing: Framing;
  /** Another exchange may follow on this connection. */
  readonly keepAlive: boolean;
  /** How long the engine says it keeps an idle connection, milliseconds. */
  readonly idleMs: number | undefined;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9][0-9])(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const LENGTH = /^[0-9]{1,15}$/;
const IDLE_HINT = /(?:^|[,\s])timeout=([0-9]{1,6})(?:$|[,\s])/i;

/** @param text status line and headers without the blank line, as latin1. @throws WireError WIRE_MALFORMED */
export function readReplyHead(text: string): ReplyHead {
  const lines = text.split("\r\n");
  const [statusLine = ""] = lines;
  const match = STATUS_LINE.exec(statusLine);
  if (match === null) throw malformed("status line");
  const headers = readHeaders(lines);
  const status = Number(match[2]);
  const framing = framingOf(status, headers);
  return { status, headers, framing, keepAlive: match[1] === "1" && staysOpen(headers, framing), idleMs: idleHint(headers) };
}

function readHeaders(lines: readonly string[]): ReplyHeaders {
  const headers: ReplyHeaders = {};
  // Names are the engine's: none may meet what objects have of themselves.
  Object.setPrototypeOf(headers, null);
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    const value = line.slice(colon + 1);
    if (!NAME.test(name) || !VALUE.test(value)) throw malformed("header line");
    addHeader(headers, name.toLowerCase(), value.trim());
  }
  return headers;
}

function addHeader(headers: ReplyHeaders, name: string, value: string): void {
  const before = headers[name];
  if (before === undefined) headers[name] = value;
  else if (typeof before === "string") headers[name] = [before, value];
  else before.push(value);
}

/** @throws WireError when the answer leaves any doubt about where it ends */
function framingOf(status: number, headers: ReplyHeaders): Framing {
  const coding = headers["transfer-encoding"];
  const length = headers["content-length"];
  if (coding !== undefined) {
    if (length !== undefined) throw malformed("length beside a transfer coding");
    if (typeof coding !== "string" || coding.toLowerCase() !== "chunked") throw malformed("transfer coding");
  }
  if (length !== undefined && (typeof length !== "string" || !LENGTH.test(length))) throw malformed("content length");
  if (status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) return "chunked";
  return length === undefined ? "close" : Number(length);
}

function staysOpen(headers: ReplyHeaders, framing: Framing): boolean {
  if (framing === "close") return false;
  const { connection } = headers;
  if (connection === undefined) return true;
  return !String(connection).toLowerCase().split(/[,\s]+/).includes("close"); // prettier-ignore
}

function idleHint(headers: ReplyHeaders): number | undefined {
  const hint = headers["keep-alive"];
  const seconds = hint === undefined ? undefined : IDLE_HINT.exec(String(hint))?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}

function malformed(what: string): WireError {
  return new WireError("WIRE_MALFORMED", `an answer's ${what}`);
}
