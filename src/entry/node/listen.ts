/** HTTP servers: what node:http must refuse before a request exists, and Hono behind it. */
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, Hono } from "hono";
import type { Edge } from "../../app.ts";
import { BOUNDS } from "../../bounds.ts";
import { Fault, type FaultName } from "../../faults.ts";
import { errorBody } from "../../openai/errors.ts";
import { identityHeaders } from "../../openai/headers.ts";
import type { RequestId } from "../../domain/ids.ts";
import { refuse } from "../../routes/handler.ts";
import { NodeArrival, type Gate } from "./arrival.ts";
import { NodeExit } from "./exit.ts";
import { judgeHead } from "./front.ts";
import { straight } from "./straight.ts";

/** node:http on one side, Arrival and Exit on the other; Hono is told that the answer has gone. */
export function nodeEdge(gate: Gate): Edge {
  return {
    path: ({ incoming }: HttpBindings) => pathOf(incoming),
    arrive: (context: Context<{ Bindings: HttpBindings }>) => new NodeArrival(context.env.incoming, context.env.outgoing, gate),
    leave: () => RESPONSE_ALREADY_SENT,
  };
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How long callers may take, in milliseconds. */
export interface Patience {
  readonly headersReadMsMax: number;
  readonly bodyReadMsMax: number;
}

/** What a server is given beside its routes. */
export interface Porter {
  readonly patience: Patience;
  /** Names the requests that never reach a route. */
  requestId(): RequestId;
}

/** Node looks for late callers only so often: a share of what they are given. */
const LATE_CHECKS = 5;

/** Resolves with the address really bound (port 0 picks one). */
export async function listen(
  app: Hono,
  { host, port }: Address,
  porter: Porter,
): Promise<{ readonly server: Server; readonly address: Address }> {
  const { headersReadMsMax, bodyReadMsMax } = porter.patience;
  const answer = straight(app);
  const server = createServer(
    {
      maxHeaderSize: BOUNDS.headerBytesMax,
      headersTimeout: headersReadMsMax,
      requestTimeout: bodyReadMsMax,
      connectionsCheckingInterval: Math.ceil(headersReadMsMax / LATE_CHECKS),
      keepAliveTimeout: BOUNDS.clientKeepAliveMs,
      noDelay: true,
      requireHostHeader: false, // a request without one gets the same 421 as one with an unknown one
      rejectNonStandardBodyWrites: false,
    },
    (incoming, outgoing) => {
      const fault = judgeHead(incoming);
      if (fault === undefined) answer(incoming, outgoing);
      else refuse(new NodeExit(outgoing), closing(fault), porter.requestId());
    },
  );
  server.maxConnections = BOUNDS.connectionsMax;
  server.maxHeadersCount = 0; // Node would leave out what is above it; judgeHead refuses instead
  server.on("clientError", (error, socket) => refuseRaw(error, socket, porter));
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

/** Whoever is refused here gets no second request on the same connection. */
function closing(fault: Fault): Fault {
  return new Fault(fault.fault, { text: fault.message, headers: { connection: "close" } });
}

function pathOf({ url = "/" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}

/** What the HTTP parser refuses still gets an answer in OpenAI's shape, and its connection closed. */
function refuseRaw(error: NodeJS.ErrnoException, socket: Duplex & { _httpMessage?: ServerResponse }, porter: Porter): void {
  if (!socket.writable || error.code === "ECONNRESET" || socket._httpMessage?.headersSent === true) {
    socket.destroy();
    return;
  }
  const known = FAULT_OF[error.code ?? ""];
  const fault = known === undefined ? new Fault("invalid_json", { text: "The request is not valid HTTP." }) : new Fault(known);
  const body = errorBody(fault);
  const { status } = fault.kind;
  const headers = [
    "content-type",
    "application/json",
    "connection",
    "close",
    "content-length",
    String(body.length),
    ...identityHeaders(porter.requestId()),
  ];
  const lines = [`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}`];
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at] ?? ""}: ${headers[at + 1] ?? ""}`);
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body.toString()}`);
}
