/** What the transport's tests share: a clock that stands until told, a listener that writes down, and engines as scripted sockets. */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { claimMint } from "../../../src/domain/clearance.ts";
import type { Backend } from "../../../src/domain/fleet.ts";
import { backendId, operatorId, requestId, siteId } from "../../../src/domain/ids.ts";
import type { Failure, Listener, Outbound } from "../../../src/ports.ts";

const mint = claimMint();

export function clearanceFor(backend: Backend) {
  return mint(requestId("0".repeat(32)), backend, 1);
}

export function backendAt(baseUrl: string, over: Partial<Backend> = {}): Backend {
  return {
    id: backendId("b1"),
    operator: operatorId("o1"),
    site: siteId("s1"),
    engine: "vllm",
    baseUrl,
    credential: undefined,
    models: new Map(),
    facts: { facts: new Map(), certificates: [] },
    weight: 1,
    concurrencyMax: 8,
    ...over,
  };
}

export const POST: Outbound = {
  method: "POST",
  path: "/v1/chat/completions",
  headers: ["content-type", "application/json"],
  body: Buffer.from("{}"),
};

/** Time moves only by pass(). */
export class StandingClock {
  #nowMs = 1_000;
  readonly #ticks = new Map<object, { everyMs: number; nextMs: number; then: () => void }>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  every(ms: number, then: () => void): () => void {
    const key = {};
    this.#ticks.set(key, { everyMs: ms, nextMs: this.#nowMs + ms, then });
    return () => this.#ticks.delete(key);
  }

  get armed(): number {
    return this.#ticks.size;
  }

  pass(ms: number): void {
    const end = this.#nowMs + ms;
    while (this.#nowMs < end) {
      const next = Math.min(end, ...[...this.#ticks.values()].map((tick) => tick.nextMs));
      this.#nowMs = next;
      for (const tick of [...this.#ticks.values()]) {
        if (tick.nextMs > next) continue;
        tick.nextMs += tick.everyMs;
        tick.then();
      }
    }
  }
}

export class Notebook implements Listener {
  readonly events: string[] = [];
  status = 0;
  text = "";
  failure: Failure | undefined;
  readonly over = Promise.withResolvers<void>();
  readonly begun = Promise.withResolvers<void>();
  onHead: (() => void) | undefined;
  onData: (() => void) | undefined;

  head(status: number): void {
    this.events.push("head");
    this.status = status;
    this.begun.resolve();
    this.onHead?.();
  }

  data(chunk: Buffer): void {
    this.events.push("data");
    this.text += chunk.toString("latin1");
    this.onData?.();
  }

  end(): void {
    this.events.push("end");
    this.over.resolve();
  }

  fail(failure: Failure): void {
    this.events.push("fail");
    this.failure = failure;
    this.over.resolve();
  }

  get verdict(): string {
    if (this.failure === undefined) return "none";
    return `${this.failure.fault.fault}${this.failure.elsewhere ? " elsewhere" : ""}${this.failure.sick ? " sick" : ""}`;
  }
}

/** An engine that is a script per request: called with the socket once a whole request (head and "{}") has come. */
export class ScriptedEngine {
  readonly sockets: Socket[] = [];
  readonly requests: string[] = [];
  readonly #server: Server;
  #sockets = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(script: (socket: Socket, nth: number) => void): Promise<ScriptedEngine> {
    const server = createServer();
    const engine = new ScriptedEngine(server);
    server.on("connection", (socket) => engine.#take(socket, script));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return engine;
  }

  #take(socket: Socket, script: (socket: Socket, nth: number) => void): void {
    this.#sockets += 1;
    this.sockets.push(socket);
    socket.on("error", () => undefined);
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      const bodyAt = text.indexOf("\r\n\r\n");
      if (bodyAt < 0 || (text.startsWith("POST") && text.length < bodyAt + 6)) return;
      this.requests.push(text);
      text = "";
      script(socket, this.requests.length);
    });
  }

  get connections(): number {
    return this.#sockets;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    const { port }: AddressInfo = address;
    return `http://127.0.0.1:${String(port)}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }
}

export const OK = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/** Some turns of the event loop: what a socket tells comes in turns of its own. */
export async function rest(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise<void>((next) => setImmediate(next));
}

/** Resolves when a condition holds, looked at every turn of the event loop; the test's own timeout is the bound. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((turn) => setImmediate(turn));
}
