/** HTTP as bytes: what no client library would send, and every byte of what comes back. */
import { connect } from "node:net";

export interface RawAnswer {
  /** Status line, headers and body as they came, latin1. */
  readonly bytes: string;
  /** 0: no answer at all. */
  readonly status: number;
  /** Names in lower case; the last of equal ones. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without chunk framing. */
  readonly body: string;
  readonly tookMs: number;
}

export interface RawOptions {
  /** Sent one after the other, each in a write of its own. */
  readonly pieces: readonly (string | Buffer)[];
  readonly port: number;
  /** Loopback address that the caller comes from. */
  readonly from?: string;
  /** Half-close after the last piece. */
  readonly finish?: boolean;
  /** Pause before each further piece. */
  readonly pauseMs?: number;
}

const WAIT_MS = 10_000;

/** Resolves when the server has closed the connection. Requests should say `connection: close`. */
export function raw({ pieces, port, from, finish = false, pauseMs = 0 }: RawOptions): Promise<RawAnswer> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1", ...(from === undefined ? {} : { localAddress: from }) });
    const limit = setTimeout(
      () => socket.destroy(new Error(`no end after ${WAIT_MS} ms: ${Buffer.concat(chunks).toString("latin1").slice(0, 300)}`)),
      WAIT_MS,
    );
    let failure: NodeJS.ErrnoException | undefined;
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", (error) => (failure = error));
    socket.on("close", () => {
      clearTimeout(limit);
      // A server that refuses a body it has not read may reset; what came before that counts.
      if (failure !== undefined && failure.code !== "ECONNRESET" && failure.code !== "EPIPE") reject(failure);
      else resolve(answerOf(Buffer.concat(chunks).toString("latin1"), performance.now() - startedMs));
    });
    const send = (at: number): void => {
      const piece = pieces[at];
      if (socket.destroyed) return;
      if (piece === undefined) return void (finish && socket.end());
      socket.write(piece, () => (pauseMs > 0 ? setTimeout(() => send(at + 1), pauseMs) : send(at + 1)));
    };
    socket.on("connect", () => send(0));
  });
}

function answerOf(bytes: string, tookMs: number): RawAnswer {
  // "100 Continue" is not the answer.
  const answer = bytes.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, "");
  const end = answer.indexOf("\r\n\r\n");
  const [line = "", ...rest] = answer.slice(0, Math.max(0, end)).split("\r\n");
  const headers: Record<string, string> = {};
  for (const header of rest) headers[header.slice(0, header.indexOf(":")).toLowerCase()] = header.slice(header.indexOf(":") + 1).trim();
  const body = end < 0 ? "" : answer.slice(end + 4);
  return {
    bytes,
    status: Number(line.split(" ")[1] ?? 0),
    headers,
    body: headers["transfer-encoding"] === "chunked" ? dechunked(body) : body,
    tookMs,
  };
}

function dechunked(body: string): string {
  let text = "";
  for (let at = 0; at < body.length;) {
    const line = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.slice(at, line), 16);
    if (!(size > 0)) break;
    text += body.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
  return text;
}

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  /** Lines as they stand: "name: value". */
  readonly headers?: readonly string[];
  /** A string or bytes; content-length is added unless a line of `headers` frames the body. */
  readonly body?: string | Buffer;
}

/** A request as bytes, head first. */
export function request({ method = "POST", path = "/v1/chat/completions", host = "alpine.test", headers = [], body }: RawRequest): Buffer {
  const framed = headers.some((line) => /^(content-length|transfer-encoding):/i.test(line));
  const length = body === undefined || framed ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`, "connection: close", ...length, ...headers];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body ?? "")]);
}

export const bearer = (key: string): string => `authorization: Bearer ${key}`;

/** OpenAI's error object of an answer; undefined when it is none. */
export function errorOf(answer: Pick<RawAnswer, "body">): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(answer.body);
    if (typeof parsed !== "object" || parsed === null || !("error" in parsed)) return undefined;
    const { error } = parsed;
    return typeof error === "object" && error !== null ? Object.fromEntries(Object.entries(error)) : undefined;
  } catch {
    return undefined;
  }
}
