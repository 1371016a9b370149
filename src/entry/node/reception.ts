/** What is answered before any route sees a request: heads that two readers could read differently, bytes that are no HTTP, tunnels. */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { RequestId } from "../../domain/ids.ts";
import { Fault, type FaultName } from "../../faults.ts";
import { errorBody, errorHeaders } from "../../openai/errors.ts";
import { identityHeaders } from "../../openai/headers.ts";
import { refuse } from "../../routes/handler.ts";
import { NodeExit } from "./exit.ts";
import { judgeHead } from "./front.ts";

/** Names the requests that never reach a route. */
export interface Names {
  requestId(): RequestId;
}

/** node:http notes on a socket which answer is being written to it. */
type CallerSocket = Duplex & { readonly _httpMessage?: ServerResponse | null };

const FAULT_OF: Readonly<Record<string, FaultName>> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "body_timeout",
};

export class Reception {
  readonly #answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
  readonly #names: Names;

  /** @param answer for requests that may pass */
  constructor(answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void, names: Names) {
    this.#answer = answer;
    this.#names = names;
  }

  take(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const fault = judgeHead(incoming);
    if (fault === undefined) this.#answer(incoming, outgoing);
    else this.turnAway(outgoing, fault);
  }

  /** Whoever is refused here gets no second request on the same connection. */
  turnAway(outgoing: ServerResponse, { fault, message }: Fault): void {
    refuse(new NodeExit(outgoing), new Fault(fault, { text: message, headers: { connection: "close" } }), this.#names.requestId());
  }

  refuseTunnel(socket: Duplex): void {
    const headers = { allow: "GET, HEAD, POST, OPTIONS" };
    this.#say(socket, new Fault("method_not_allowed", { text: "There are no tunnels here.", headers }));
  }

  /** What the HTTP parser refuses still gets an answer in OpenAI's shape, and its connection closed. */
  refuseBytes(error: NodeJS.ErrnoException, socket: CallerSocket): void {
    const pending = socket._httpMessage ?? undefined;
    // An answer written now would be taken for that of a request which came before, whole and well.
    const mistaken = pending?.headersSent === true || pending?.req.complete === true;
    if (!socket.writable || error.code === "ECONNRESET" || mistaken) {
      socket.destroy();
      return;
    }
    const known = FAULT_OF[error.code ?? ""];
    this.#say(socket, known === undefined ? new Fault("invalid_json", { text: "The request is not valid HTTP." }) : new Fault(known));
  }

  /** An answer where there is no response to write it to; nothing follows it. */
  #say(socket: Duplex, fault: Fault): void {
    const body = errorBody(fault);
    const { status } = fault.kind;
    const headers = ["content-type", "application/json", "connection", "close", "content-length", String(body.length)];
    headers.push(...identityHeaders(this.#names.requestId()), ...errorHeaders(fault));
    const lines = [`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}`];
    for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at] ?? ""}: ${headers[at + 1] ?? ""}`);
    socket.end(`${lines.join("\r\n")}\r\n\r\n${body.toString()}`);
  }
}
