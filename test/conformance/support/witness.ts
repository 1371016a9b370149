/** Stands between a client and the gateway, passes every byte on, and writes down what passed: retries are counted and bodies checked there, so that no client has to be touched. */
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";

/** One request and its answer, as they were on the wire. Times in milliseconds of one monotonic clock. */
export interface Exchange {
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly startedMs: number;
  status: number | undefined;
  contentType: string;
  requestBody: string;
  answer: string;
  endedMs: number | undefined;
  /** "whole": the answer reached its end. "left": the client went first. "cut": the gateway ended it in the middle. */
  ended: "whole" | "left" | "cut" | undefined;
}

/** Per exchange, in characters; what is longer is not checked. */
const KEPT_CHARACTERS_MAX = 4_000_000;
const OWN_PATH = "/-/exchanges";

export class Witness {
  readonly exchanges: Exchange[] = [];
  readonly #upstream: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 200 });
  readonly #server: Server;

  /** @param baseUrl of the gateway, with /v1 */
  constructor(baseUrl: string) {
    this.#upstream = new URL(baseUrl);
    this.#server = createServer((incoming, outgoing) => {
      if (incoming.url === OWN_PATH) outgoing.end(JSON.stringify(this.exchanges.map(shown)));
      else this.#pass(incoming, outgoing);
    });
  }

  /** @returns the base URL that the client is given, with /v1 */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new TypeError("a witness listens on a port");
    return `http://127.0.0.1:${address.port}/v1`;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const exchange = begun(incoming);
    this.exchanges.push(exchange);
    const { hostname, port } = this.#upstream;
    const onward = request(
      {
        agent: this.#agent,
        hostname,
        port,
        method: exchange.method,
        path: exchange.path,
        headers: headersOf(incoming, this.#upstream.host),
      },
      (answer) => relay(answer, outgoing, exchange),
    );
    onward.on("error", () => {
      finish(exchange, "cut");
      outgoing.destroy();
    });
    outgoing.on("close", () => {
      if (outgoing.writableFinished) return;
      finish(exchange, "left");
      onward.destroy();
    });
    incoming.on("data", (bytes: Buffer) => (exchange.requestBody = kept(exchange.requestBody, bytes)));
    incoming.pipe(onward);
  }
}

function begun({ method = "GET", url = "/" }: IncomingMessage): Exchange {
  return {
    method,
    path: url,
    startedMs: performance.now(),
    status: undefined,
    contentType: "",
    requestBody: "",
    answer: "",
    endedMs: undefined,
    ended: undefined,
  };
}

/** As they were sent; only the host is the gateway's own. */
function headersOf({ rawHeaders }: IncomingMessage, host: string): readonly string[] {
  return rawHeaders.map((value, at) => (at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === "host" ? host : value));
}

function relay(answer: IncomingMessage, outgoing: ServerResponse, exchange: Exchange): void {
  exchange.status = answer.statusCode;
  exchange.contentType = answer.headers["content-type"] ?? "";
  outgoing.sendDate = false;
  outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  outgoing.flushHeaders();
  const decoder = new TextDecoder();
  answer.on("data", (bytes: Buffer) => (exchange.answer = kept(exchange.answer, bytes, decoder)));
  answer.on("end", () => finish(exchange, "whole"));
  answer.on("close", () => {
    if (answer.complete) return;
    finish(exchange, "cut");
    outgoing.destroy();
  });
  answer.pipe(outgoing);
}

function kept(text: string, bytes: Buffer, decoder = new TextDecoder()): string {
  return text.length > KEPT_CHARACTERS_MAX ? text : text + decoder.decode(bytes, { stream: true });
}

function finish(exchange: Exchange, how: NonNullable<Exchange["ended"]>): void {
  if (exchange.ended !== undefined) return;
  exchange.ended = how;
  exchange.endedMs = performance.now();
}

function shown({ method, path, status, startedMs, endedMs, ended }: Exchange): Partial<Exchange> {
  return { method, path, status, startedMs, endedMs, ended };
}
