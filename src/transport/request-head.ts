/** Writes a request to an engine as bytes. What could end a line early, or begin another request, is refused. */
import type { Outbound } from "../ports.ts";
import { WireError } from "./wire-error.ts";

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^\/[\x21-\x7e]*$/;

/** A request as it goes out. */
export interface WireRequest {
  /** Latin1, blank line included. */
  readonly head: string;
  readonly pieces: readonly Buffer[];
  /** Of all pieces together. */
  readonly bodyBytes: number;
}

/** Where requests of one line go: `host` for the header of that name, `prefix` before every path. */
export interface Address {
  readonly host: string;
  readonly prefix: string;
}

/** @throws WireError WIRE_UNWRITABLE */
export function wireRequest({ host, prefix }: Address, outbound: Outbound): WireRequest {
  const { method, path, headers, body } = outbound;
  if (!TARGET.test(path)) throw unwritable("path");
  const pieces = outbound.pieces ?? (body === undefined ? [] : [body]);
  let bodyBytes = 0;
  for (const { length } of pieces) bodyBytes += length;
  let head = `${method} ${prefix}${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) head += headerLine(headers[at] ?? "", headers[at + 1] ?? "");
  head += method === "GET" && bodyBytes === 0 ? "\r\n" : `content-length: ${String(bodyBytes)}\r\n\r\n`;
  return { head, pieces, bodyBytes };
}

function headerLine(name: string, value: string): string {
  if (!NAME.test(name) || !VALUE.test(value)) throw unwritable("header");
  return `${name}: ${value}\r\n`;
}

/** Head and body in one buffer: for small bodies one copy is cheaper than several writes. */
export function joinRequest({ head, pieces, bodyBytes }: WireRequest): Buffer {
  const out = Buffer.allocUnsafe(head.length + bodyBytes);
  let at = out.write(head, 0, "latin1");
  for (const piece of pieces) at += piece.copy(out, at);
  return out;
}

function unwritable(what: string): WireError {
  return new WireError("WIRE_UNWRITABLE", `a request's ${what}`);
}
