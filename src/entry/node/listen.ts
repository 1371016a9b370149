/** HTTP servers: what node:http must refuse before a request exists, and Hono behind it. */
import { createServer, STATUS_CODES, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, Hono } from "hono";
import type { Edge } from "../../app.ts";
import { BOUNDS } from "../../bounds.ts";
import { Fault, type FaultName } from "../../faults.ts";
import { errorBody } from "../../openai/errors.ts";
import { NodeArrival, type Gate } from "./arrival.ts";

/** node:http on one side, Arrival and Exit on the other; Hono is told that the answer has gone. */
export function nodeEdge(gate: Gate): Edge {
  return {
    arrive: (context: Context<{ Bindings: HttpBindings }>) => new NodeArrival(context.env.incoming, context.env.outgoing, gate),
    leave: () => RESPONSE_ALREADY_SENT,
  };
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Resolves with the address really bound (port 0 picks one). */
export async function listen(app: Hono, { host, port }: Address): Promise<{ readonly server: Server; readonly address: Address }> {
  const server = createServer(
    {
      maxHeaderSize: BOUNDS.headerBytesMax,
      headersTimeout: BOUNDS.headersReadMsMax,
      requestTimeout: BOUNDS.bodyReadMsMax,
      keepAliveTimeout: BOUNDS.clientKeepAliveMs,
      noDelay: true,
      requireHostHeader: true,
      rejectNonStandardBodyWrites: false,
    },
    getRequestListener(app.fetch, { overrideGlobalObjects: false, autoCleanupIncoming: false }),
  );
  server.maxConnections = BOUNDS.connectionsMax;
  server.maxHeadersCount = BOUNDS.headersCountMax;
  server.on("clientError", refuseRaw);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: 4_096 }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const bound = server.address();
  return { server, address: { host, port: typeof bound === "object" && bound !== null ? bound.port : port } };
}

const FAULT_OF: Readonly<Record<string, FaultName>> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "body_timeout",
};

/** What the HTTP parser refuses still gets an answer in OpenAI's shape, and its connection closed. */
function refuseRaw(error: NodeJS.ErrnoException, socket: Socket & { _httpMessage?: ServerResponse }): void {
  if (!socket.writable || error.code === "ECONNRESET" || socket._httpMessage?.headersSent === true) {
    socket.destroy();
    return;
  }
  const known = FAULT_OF[error.code ?? ""];
  const fault = known === undefined ? new Fault("invalid_json", { text: "The request is not valid HTTP." }) : new Fault(known);
  const body = errorBody(fault);
  const { status } = fault.kind;
  socket.end(`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${String(body.length)}\r\n\r\n${body.toString()}`);
}
