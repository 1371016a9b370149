/** A server that does over raw sockets what a script says, well or badly, and remembers what it was asked. */
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, Server as TlsServer, type TlsOptions } from "node:tls";

/** One POST as it came in, and the way back. */
export class Turn {
  readonly head: string;
  /** Grows while the body comes. */
  body: Buffer;
  readonly bytesDeclared: number;
  readonly socket: Socket;
  /** Number of its connection, from 1. */
  readonly connection: number;

  constructor(socket: Socket, connection: number, head: string) {
    this.socket = socket;
    this.connection = connection;
    this.head = head;
    this.body = Buffer.alloc(0);
    this.bytesDeclared = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  }

  get whole(): boolean {
    return this.body.length >= this.bytesDeclared;
  }

  write(bytes: string | Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** Sends what is given and then FIN; what the gateway still sends is read. */
  finish(bytes: string | Buffer = ""): void {
    this.socket.end(bytes);
  }

  /** RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Writes again and again until the other side has gone. */
  keepWriting(bytes: string | Buffer, everyMs: number): void {
    const timer = setInterval(() => this.write(bytes), everyMs);
    this.socket.once("close", () => clearInterval(timer));
  }
}

export type Script = (turn: Turn) => void;

export interface ScriptedOptions {
  /** What happens to each POST, one after the other; the last goes on for all later ones. */
  readonly scripts: readonly [Script, ...Script[]];
  /** "head": the script runs before the body has come. */
  readonly from?: "head" | "whole";
  readonly tls?: TlsOptions;
}

const HEALTHY = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const NO_SUCH_ROUTE = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
const HEAD_END = Buffer.from("\r\n\r\n");

export class Scripted {
  readonly turns: Turn[] = [];
  /** Request lines of everything that is no POST: health probes. */
  readonly probes: string[] = [];
  connections = 0;
  readonly #options: ScriptedOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(options: ScriptedOptions) {
    this.#options = options;
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#server = options.tls === undefined ? createTcpServer({ allowHalfOpen: true }, accept) : createTlsServer(options.tls, accept);
    // A client that turns a certificate down is no error of this server.
    this.#server.on("tlsClientError", () => undefined);
  }

  static async start(...scripts: readonly [Script, ...Script[]]): Promise<Scripted> {
    return Scripted.with({ scripts });
  }

  static async with(options: ScriptedOptions): Promise<Scripted> {
    const server = new Scripted(options);
    await server.open();
    return server;
  }

  /** Takes the port that it had before, the first time any. */
  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }

  get url(): string {
    return `${this.#options.tls === undefined ? "http" : "https"}://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that stand now. */
  get standing(): number {
    return this.#sockets.size;
  }

  /** Shows another certificate from now on; connections that stand are cut, as by a restart. */
  present(certificate: { readonly key: string; readonly cert: string }): void {
    if (!(this.#server instanceof TlsServer)) throw new TypeError("a server without TLS has no certificate");
    this.#server.setSecureContext(certificate);
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Closes the port and every connection. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.connections += 1;
    const connection = this.connections;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    let waiting: Buffer = Buffer.alloc(0);
    let turn: Turn | undefined;
    socket.on("data", (chunk: Buffer) => {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      for (;;) {
        if (turn === undefined) {
          const end = waiting.indexOf(HEAD_END);
          if (end < 0) return;
          const head = waiting.toString("latin1", 0, end);
          waiting = waiting.subarray(end + HEAD_END.length);
          if (!head.startsWith("POST ")) this.#probed(socket, head);
          else this.#began((turn = new Turn(socket, connection, head)));
        } else {
          waiting = this.#fill(turn, waiting);
          if (!turn.whole) return;
          if (this.#options.from !== "head") this.#play(turn);
          turn = undefined;
        }
      }
    });
    socket.on("end", () => socket.end());
  }

  #probed(socket: Socket, head: string): void {
    this.probes.push(head.slice(0, head.indexOf("\r\n")));
    socket.write(head.startsWith("GET /health ") ? HEALTHY : NO_SUCH_ROUTE);
  }

  #began(turn: Turn): void {
    this.turns.push(turn);
    if (this.#options.from === "head") this.#play(turn);
  }

  /** @returns what lies behind the body */
  #fill(turn: Turn, bytes: Buffer): Buffer {
    const missing = turn.bytesDeclared - turn.body.length;
    turn.body = Buffer.concat([turn.body, bytes.subarray(0, missing)]);
    return bytes.subarray(missing);
  }

  #play(turn: Turn): void {
    const { scripts } = this.#options;
    const at = this.turns.indexOf(turn);
    (scripts[at] ?? scripts.at(-1) ?? scripts[0])(turn);
  }
}
