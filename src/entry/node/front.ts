/** What is judged of a request's head before any route sees it: how many headers, what is asked for, and under which name. */
import type { IncomingMessage } from "node:http";
import { BOUNDS } from "../../bounds.ts";
import { Fault } from "../../faults.ts";

const SLASH = 47;
/** A path as RFC 3986 has it, or close: printable ASCII, no fragment, and no backslash, which some readers take for a slash. */
const PATH = /^\/[\x21\x22\x24-\x5b\x5d-\x7e]*$/;
const DOT_SEGMENT = /^[^?]*\/\.{1,2}(?=[/?]|$)/;
const ABSOLUTE = /^https?:\/\/([^/?#@\\]+)(\/[^#]*)?$/i;
const HOST = /^[a-z0-9._-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i;

/** Undefined: it may pass. A target in absolute form has become a path by then, and its authority is the one that Host names. */
export function judgeHead(incoming: IncomingMessage): Fault | undefined {
  if (incoming.httpVersionMajor !== 1) return notHttp("This is not HTTP/1.1.");
  if (incoming.rawHeaders.length > BOUNDS.headersCountMax * 2)
    return new Fault("headers_too_large", { text: "The request has too many headers." });
  const target = incoming.url ?? "";
  if (target.length > BOUNDS.urlBytesMax) return new Fault("headers_too_large", { text: "The request URL is too long." });
  const { host, "transfer-encoding": coding } = incoming.headers;
  if (coding !== undefined && !isChunked(coding, incoming)) return notHttp("Send the body in chunks, without any other transfer-encoding.");
  if (host !== undefined && host !== "" && (!HOST.test(host) || namesTwoHosts(incoming.rawHeaders))) return new Fault("unknown_host");
  return target.charCodeAt(0) === SLASH ? judgePath(target) : judgeAbsolute(target, incoming);
}

/** Node takes any list that ends in chunks, and would hand on what is compressed inside; HTTP/1.0 has no chunks at all. */
function isChunked(coding: string, { httpVersionMinor }: IncomingMessage): boolean {
  return coding.toLowerCase() === "chunked" && httpVersionMinor > 0;
}

/** Node shows the first of several Host headers; whoever stands before us may go by the last. */
function namesTwoHosts(raw: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < raw.length; at += 2) if (raw[at]?.length === 4 && raw[at]?.toLowerCase() === "host") hosts += 1;
  return hosts > 1;
}

/** Two readers may resolve dot segments differently, so nobody has to: they are refused. */
function judgePath(target: string): Fault | undefined {
  return PATH.test(target) && !DOT_SEGMENT.test(target) ? undefined : notHttp("The request URL is not valid.");
}

/** Proxies ask like this. Whoever names two hosts is told that there is no such service. */
function judgeAbsolute(target: string, incoming: IncomingMessage): Fault | undefined {
  const [, authority, path = "/"] = ABSOLUTE.exec(target) ?? [];
  if (authority === undefined) return notHttp("The request URL is not valid.");
  if (authority.toLowerCase() !== (incoming.headers.host ?? "").toLowerCase()) return new Fault("unknown_host");
  incoming.url = path;
  return judgePath(path);
}

function notHttp(text: string): Fault {
  return new Fault("invalid_value", { text });
}
