/** The socket side that all simulators share: a server on loopback, what it saw, its faults, and the control route. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { BOUNDS } from "../bounds.ts";
import type { Clock, Stop } from "../ports.ts";
import { Answer } from "./answer.ts";
import { Faults, type Knobs, readKnobs } from "./faults.ts";

const LOOPBACK = "127.0.0.1";
const CONTROL_PATH = "/simulator/faults";
/** Requests remembered for those who test against a simulator; older ones are forgotten. */
const SEEN_MAX = 512;
const SEEN_BODY_BYTES_MAX = 65_536;

/** A request as it came in. */
export interface Seen {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty for a body above 64 KiB. */
  readonly body: string;
  readonly bodyBytes: number;
}

/** One request with its way out. */
export interface Exchange {
  readonly method: string;
  /** As on the wire, without query; never percent-decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly answer: Answer;
  /** The first value, or undefined. */
  header(name: string): string | undefined;
}

export interface Application {
  handle(exchange: Exchange): void;
  /** The knobs were turned. */
  turned(knobs: Knobs): void;
}

export class LoopbackServer {
  readonly faults: Faults;
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #application: Application;
  readonly #open = new Set<Answer>();
  readonly #seen: Seen[] = [];
  #port = 0;
  #wanted = false;
  /** Cancels the end of knobs that were set for a time. */
  #recovery: Stop | undefined;
  #requests = 0;
  #connections = 0;
  #cancelled = 0;

  constructor(options: { readonly clock: Clock; readonly application: Application; readonly keepAliveMs: number }) {
    this.#clock = options.clock;
    this.#application = options.application;
    this.faults = new Faults((knobs) => this.#turned(knobs));
    this.#server = createServer({ keepAlive: true, noDelay: true, keepAliveTimeout: options.keepAliveMs, requestTimeout: 0 });
    // Node adds a second of its own to be kind to clients; engines do not.
    this.#server.keepAliveTimeoutBuffer = 0;
    this.#server.on("connection", () => (this.#connections += 1));
    this.#server.on("request", (request, response) => this.#accept(request, response));
  }

  /** Listens on 127.0.0.1. @param port 0 takes a free one @returns the port. Rejects when it is taken. */
  async start(port: number): Promise<number> {
    this.#port = port;
    this.#wanted = true;
    await this.#listen();
    return this.#port;
  }

  /** Closes the port and every connection. */
  async stop(): Promise<void> {
    this.#wanted = false;
    await this.#close(true);
  }

  get origin(): string {
    return `http://${LOOPBACK}:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Requests so far, the control route not counted. */
  get requests(): number {
    return this.#requests;
  }

  /** TCP connections so far. */
  get connections(): number {
    return this.#connections;
  }

  /** Answers whose client left before the end. */
  get cancelled(): number {
    return this.#cancelled;
  }

  /** Answers that are not over. */
  get open(): number {
    return this.#open.size;
  }

  /** The latest requests, oldest first. */
  get seen(): readonly Seen[] {
    return this.#seen;
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#port, LOOPBACK, () => {
        this.#server.off("error", reject);
        const address = this.#server.address();
        if (typeof address === "object" && address !== null) this.#port = address.port;
        resolve();
      });
    });
  }

  #close(connections: boolean): Promise<void> {
    if (connections) this.#server.closeAllConnections();
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
    });
  }

  #turned(knobs: Knobs): void {
    const closed = knobs.refuse === true || knobs.shutdownHang === true;
    if (closed) void this.#close(knobs.refuse === true);
    else if (this.#wanted && !this.#server.listening) void this.#listen();
    if (knobs.shutdownHang === true) for (const answer of this.#open) answer.hold(undefined);
    this.#recovery?.();
    this.#recovery = knobs.forMs === undefined ? undefined : this.#clock.after(knobs.forMs, () => this.faults.clear());
    this.#application.turned(knobs);
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    const answer = new Answer(response, this.#clock);
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > BOUNDS.bodyBytesMax) request.destroy();
      else chunks.push(chunk);
    });
    request.once("end", () => this.#dispatch(exchangeOf(request, Buffer.concat(chunks), answer), request));
  }

  #dispatch(exchange: Exchange, request: IncomingMessage): void {
    if (exchange.path === CONTROL_PATH) {
      this.#control(exchange);
      return;
    }
    this.#requests += 1;
    this.#remember(exchange, request);
    this.#open.add(exchange.answer);
    exchange.answer.onOver(() => this.#open.delete(exchange.answer));
    exchange.answer.onGone(() => (this.#cancelled += 1));
    if (this.faults.now.neverAnswer !== true) this.#application.handle(exchange);
  }

  #remember(exchange: Exchange, request: IncomingMessage): void {
    const { method, path, body } = exchange;
    const text = body.length > SEEN_BODY_BYTES_MAX ? "" : body.toString();
    this.#seen.push({ method, path, headers: request.headers, body: text, bodyBytes: body.length });
    if (this.#seen.length > SEEN_MAX) this.#seen.shift();
  }

  /** GET tells the knobs, POST replaces them. */
  #control(exchange: Exchange): void {
    const read = exchange.method === "POST" ? readKnobs(parsed(exchange.body)) : { ok: true as const, knobs: this.faults.now };
    const turn = read.ok && exchange.method === "POST" ? read.knobs : undefined;
    const body = JSON.stringify(read.ok ? read.knobs : { error: read.reason });
    // `refuse` resets this very connection, so it waits until the answer is out; all else holds before the caller hears of it.
    if (turn !== undefined && turn.refuse !== true) this.faults.set(turn);
    exchange.answer.head(read.ok ? 200 : 400, ["content-type", "application/json", "content-length", String(Buffer.byteLength(body))]);
    exchange.answer.end(body);
    if (turn?.refuse === true) exchange.answer.onOver(() => this.faults.set(turn));
  }
}

function exchangeOf(request: IncomingMessage, body: Buffer, answer: Answer): Exchange {
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  return {
    method: request.method ?? "GET",
    path,
    query: new URLSearchParams(query),
    body,
    answer,
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
  };
}

/** Undefined for what is no JSON: no knobs are that. */
function parsed(body: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(body.toString());
    return value;
  } catch {
    return undefined;
  }
}
