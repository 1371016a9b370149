/** HTTP servers: how node:http is set, who answers before a request exists, and Hono behind it. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, Hono } from "hono";
import type { Edge } from "../../app.ts";
import { BOUNDS } from "../../bounds.ts";
import { Fault } from "../../faults.ts";
import { NodeArrival, type Gate } from "./arrival.ts";
import type { CallerLimits, Callers } from "./callers.ts";
import { Reception, type Names } from "./reception.ts";
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

/** How long callers may take, in milliseconds, and how many connections one address may have. What is absent is as in the bounds. */
export interface Patience extends Partial<CallerLimits> {
  readonly headersReadMsMax: number;
  readonly bodyReadMsMax: number;
}

/** What a server is given beside its routes. */
export interface Porter extends Names {
  readonly patience: Patience;
  /** Other processes listen on the same address too: the kernel deals the connections out. */
  readonly shared?: boolean;
  /** One for all ports of the process. */
  readonly callers: Callers;
  trustedProxies(): readonly string[];
}

/** Node looks for late callers only so often: a share of what they are given. */
const LATE_CHECKS = 5;

/** Resolves with the address really bound (port 0 picks one). */
export async function listen(
  app: Hono,
  { host, port }: Address,
  porter: Porter,
): Promise<{ readonly server: Server; readonly address: Address }> {
  const server = serverOf(new Reception(straight(app), porter), porter);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: 4_096, reusePort: porter.shared === true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const bound = server.address();
  return { server, address: { host, port: typeof bound === "object" && bound !== null ? bound.port : port } };
}

function serverOf(reception: Reception, porter: Porter): Server {
  const { headersReadMsMax, bodyReadMsMax } = porter.patience;
  const server = createServer({
    maxHeaderSize: BOUNDS.headerBytesMax,
    headersTimeout: headersReadMsMax,
    requestTimeout: bodyReadMsMax,
    connectionsCheckingInterval: Math.ceil(headersReadMsMax / LATE_CHECKS),
    keepAliveTimeout: BOUNDS.clientKeepAliveMs,
    noDelay: true,
    requireHostHeader: false, // a request without one gets the same 421 as one with an unknown one
    rejectNonStandardBodyWrites: false,
  });
  server.maxConnections = BOUNDS.connectionsMax;
  server.maxHeadersCount = 0; // Node would leave out what is above it; judgeHead refuses instead
  server.on("connection", (socket) => porter.callers.enter(socket, porter.trustedProxies()));
  server.on("request", (incoming, outgoing) => reception.take(incoming, outgoing));
  // These send their bodies when they are told to, which NodeArrival does; whoever is refused before that is answered and closed by Node.
  server.on("checkContinue", (incoming, outgoing) => reception.take(incoming, outgoing));
  server.on("checkExpectation", (_, outgoing) => reception.turnAway(outgoing, new Fault("expectation_failed")));
  server.on("connect", (_, socket) => reception.refuseTunnel(socket));
  server.on("clientError", (error, socket) => reception.refuseBytes(error, socket));
  return server;
}

function pathOf({ url = "/" }: IncomingMessage): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}
