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
const LENGTH = /^[0-9]{1,15}$/;
const IDLE_HINT = /(?:^|[,\s])timeout=([0-9]{1,6})(?:$|[,\s])/i;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const DELETE = 0x7f;

/** What a character may be in a name: nothing, itself, or a capital letter. */
const FOREIGN = 0;
const TOKEN = 1;
const CAPITAL = 2;
const NAME_CHARACTERS = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Z]/.test(character)) return CAPITAL;
  return /[!#$%&'*+\-.^_`|~0-9a-z]/.test(character) ? TOKEN : FOREIGN;
});

/** @param text status line and headers without the blank line, as latin1. @throws WireError WIRE_MALFORMED */
export function readReplyHead(text: string): ReplyHead {
  const lineEnd = text.indexOf("\r\n");
  const match = STATUS_LINE.exec(lineEnd < 0 ? text : text.slice(0, lineEnd));
  if (match === null) throw malformed("status line");
  const headers: ReplyHeaders = {};
  // Names are the engine's: none may meet what objects have of themselves.
  Object.setPrototypeOf(headers, null);
  for (let at = lineEnd; at >= 0 && at < text.length;) at = readHeader(text, at + 2, headers);
  const status = Number(match[2]);
  const framing = framingOf(status, headers);
  return { status, headers, framing, keepAlive: match[1] === "1" && staysOpen(headers, framing), idleMs: idleHint(headers) };
}

/** Reads the header line that starts at `start`. By character: every answer has some, and most of them once. @returns where the line ends */
function readHeader(text: string, start: number, headers: ReplyHeaders): number {
  let capitals = false;
  let colon = start;
  for (let code = text.charCodeAt(colon); code !== COLON; code = text.charCodeAt(++colon)) {
    const kind = NAME_CHARACTERS[code] ?? FOREIGN;
    if (kind === FOREIGN) throw malformed("header name");
    capitals ||= kind === CAPITAL;
  }
  if (colon === start) throw malformed("header without a name");
  const name = text.slice(start, colon);
  const end = lineEndFrom(text, colon + 1);
  addHeader(headers, capitals ? name.toLowerCase() : name, text.slice(colon + 1, end).trim());
  return end;
}

/** @throws WireError for a character that no value has: a line break that is not one of HTTP's among them */
function lineEndFrom(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === CR && text.charCodeAt(at + 1) === LF) return at;
    if ((code < SPACE && code !== TAB) || code === DELETE) throw malformed("header value");
  }
  return text.length;
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
