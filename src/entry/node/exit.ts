/**
 * The way out over node:http: straight into the raw response, past Web Streams. What an answer brings within one turn leaves as one HTTP
 * chunk in one write, framed here: left to itself node:http makes four pieces of every chunk.
 */
import type { ServerResponse } from "node:http";
import { BOUNDS } from "../../bounds.ts";
import type { Exit, HeaderList } from "../../ports.ts";

const CRLF = Buffer.from("\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");
const CRLF_AND_LAST_CHUNK = Buffer.concat([CRLF, LAST_CHUNK]);

export class NodeExit implements Exit {
  readonly #response: ServerResponse;
  #status = 200;
  #headers: HeaderList = [];
  #started = false;
  /** Whether chunks are framed here; HTTP/1.0 knows none, its answers end with the connection. */
  #framed = false;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #ended = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get started(): boolean {
    return this.#started;
  }

  head(status: number, headers: HeaderList): void {
    this.#status = status;
    this.#headers = headers;
    this.#started = true;
  }

  write(bytes: Buffer): boolean {
    if (this.#waiting.length === 0) process.nextTick(flush, this);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    return !this.#response.writableNeedDrain;
  }

  end(bytes?: Buffer): void {
    this.#ended = true;
    const response = this.#response;
    if (this.#waiting.length > 0 || response.headersSent) {
      if (this.#waiting.length === 0) process.nextTick(flush, this);
      if (bytes !== undefined) this.#waiting.push(bytes);
      this.#waitingBytes += bytes?.length ?? 0;
    } else if (this.#status === 204) response.writeHead(204, this.#headers.slice()).end();
    else pour(response.writeHead(this.#status, [...this.#headers, "content-length", String(bytes?.length ?? 0)]), bytes, 0);
  }

  abort(): void {
    this.#response.destroy();
  }

  onGone(then: () => void): void {
    const response = this.#response;
    if (response.destroyed && !response.writableFinished) return then();
    response.on("close", () => {
      if (!response.writableFinished) then();
    });
  }

  onDrain(then: () => void): void {
    this.#response.on("drain", then);
  }

  /** Sends what has gathered in this turn. For `flush` alone. */
  flush(): void {
    const response = this.#response;
    const parts = this.#waiting;
    const length = this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (response.destroyed) return;
    if (!response.headersSent) this.#sendHead();
    if (length > 0) response.write(this.#framed ? frame(parts, length, this.#ended) : Buffer.concat(parts, length));
    else if (this.#ended && this.#framed) response.write(LAST_CHUNK);
    if (this.#ended) response.end();
  }

  #sendHead(): void {
    const response = this.#response;
    this.#framed = response.req.httpVersionMinor > 0;
    response.writeHead(this.#status, this.#framed ? [...this.#headers, "transfer-encoding", "chunked"] : this.#headers.slice());
    // The header has been made; from here on the body goes out as it is given.
    response.chunkedEncoding = false;
  }
}

/** One function for all exits, so that waiting for the end of a turn makes no closure. */
function flush(exit: NodeExit): void {
  exit.flush();
}

/** The rest of a whole answer, a piece at a time: one large write would not show whether its caller takes anything. */
function pour(response: ServerResponse, bytes: Buffer | undefined, from: number): void {
  if (bytes === undefined) response.end();
  // node:http joins text to the head and sends both in one write, which for small answers saves more than the detour costs.
  else if (bytes.length <= BOUNDS.answerJoinBytesMax) response.end(bytes.toString("latin1"), "latin1");
  else if (bytes.length - from <= BOUNDS.answerPieceBytes) response.end(from === 0 ? bytes : bytes.subarray(from));
  else pourPiece(response, bytes, from);
}

function pourPiece(response: ServerResponse, bytes: Buffer, from: number): void {
  const until = from + BOUNDS.answerPieceBytes;
  response.write(bytes.subarray(from, until), () => pour(response, bytes, until));
}

/** One HTTP chunk of all parts, and behind it the last chunk when the answer ends with it. */
function frame(parts: readonly Buffer[], length: number, last: boolean): Buffer {
  const size = `${length.toString(16)}\r\n`;
  const tail = last ? CRLF_AND_LAST_CHUNK : CRLF;
  const out = Buffer.allocUnsafe(size.length + length + tail.length);
  let at = out.write(size, 0, "latin1");
  for (const part of parts) at += part.copy(out, at);
  tail.copy(out, at);
  return out;
}
