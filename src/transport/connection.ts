/** One connection to an engine. It carries one exchange at a time, so that cancelling one is a matter of closing a socket. */
import type { Socket } from "node:net";
import { BOUNDS } from "../bounds.ts";
import type { Enrolled } from "../domain/roster.ts";
import type { Attempt, Carrier } from "./attempt.ts";
import { type Destination, dial, type TlsSessions } from "./dial.ts";
import type { ReplyHead } from "./reply-head.ts";
import { ReplyParser, type ReplySink } from "./reply-parser.ts";
import { joinRequest, type WireRequest } from "./request-head.ts";
import { WireError } from "./wire-error.ts";

const NOTHING = Buffer.alloc(0);

/** Who keeps the connections. */
export interface Keeper {
  /** The connection is no more. Called once, before `freed` when an exchange was on it. */
  gone(connection: Connection): void;
  /** An exchange has left the connection. Called once per exchange, before its listener hears of the end. */
  freed(connection: Connection): void;
}

export interface ConnectionParts {
  readonly destination: Destination;
  readonly sessions: TlsSessions;
  readonly keeper: Keeper;
  /** Monotonic milliseconds. */
  readonly nowMs: number;
}

export class Connection implements Carrier, ReplySink, Enrolled {
  place = -1;
  readonly #socket: Socket;
  readonly #keeper: Keeper;
  readonly #parser = new ReplyParser(this);
  readonly #dialledMs: number;
  #request: WireRequest | undefined;
  #attempt: Attempt | undefined;
  #connected = false;
  #used = false;
  #alive = true;
  #paused = false;
  /** What came while paused. */
  #stash = NOTHING;
  /** The engine's end came while paused. */
  #hungUp = false;
  #idleSinceMs = 0;
  #idleMsMax: number = BOUNDS.upstreamIdleMs;

  constructor({ destination, sessions, keeper, nowMs }: ConnectionParts) {
    this.#keeper = keeper;
    this.#dialledMs = nowMs;
    this.#socket = dial(destination, (bytes) => this.#read(bytes), sessions);
    this.#socket.once(destination.secure ? "secureConnect" : "connect", () => this.#ready());
    this.#socket.on("error", (error) => this.close(error));
    this.#socket.on("end", () => this.#ended());
    this.#socket.on("close", () => this.#ended());
  }

  /** Closed ones carry nothing more. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Begins an exchange as soon as there is a connection. Nobody is told anything before this has returned. */
  carry(request: WireRequest, attempt: Attempt): void {
    this.#request = request;
    this.#attempt = attempt;
    if (this.#connected) this.#begin();
  }

  /** Free from now on, monotonic milliseconds. */
  rest(nowMs: number): void {
    this.#idleSinceMs = nowMs;
  }

  /** What time does to a connection: a dial takes too long, an idle one is let go before the engine closes it. */
  sweep(nowMs: number): void {
    if (!this.#connected) {
      if (nowMs - this.#dialledMs > BOUNDS.connectMsMax) this.close(new WireError("WIRE_CONNECT_TIMEOUT", "no connection in time"));
    } else if (this.#attempt === undefined && nowMs - this.#idleSinceMs > this.#idleMsMax) this.close(retired());
  }

  /** Closes it now; an exchange on it breaks for this reason. */
  close(reason: Error): void {
    if (!this.#alive) return;
    this.#hangUp();
    this.#letGo()?.broke(reason);
  }

  // ---- what an attempt steers

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    const stash = this.#stash;
    this.#stash = NOTHING;
    this.#take(stash);
    if (this.halted) return;
    if (this.#hungUp) this.#ended();
    else this.#socket.resume();
  }

  abort(): void {
    this.close(retired());
  }

  // ---- what the parser tells

  get halted(): boolean {
    return this.#paused || !this.#alive;
  }

  begun(): void {
    this.#attempt?.begun();
  }

  head({ status, headers, idleMs }: ReplyHead): void {
    if (idleMs !== undefined) this.#idleMsMax = Math.min(BOUNDS.upstreamIdleMs, idleMs - BOUNDS.upstreamIdleSpareMs);
    this.#attempt?.answered(status, headers);
  }

  body(chunk: Buffer): void {
    this.#attempt?.received(chunk);
  }

  // ---- what the socket tells

  #ready(): void {
    this.#connected = true;
    if (this.#attempt !== undefined) this.#begin();
  }

  #begin(): void {
    const request = this.#request;
    // Whoever has left meanwhile never gets a byte written.
    if (request === undefined || this.#attempt?.begin(this, this.#used) !== true) {
      this.#letGo();
      return;
    }
    this.#used = true;
    if (request.bodyBytes <= BOUNDS.requestJoinBytesMax) this.#socket.write(joinRequest(request));
    else this.#writePieces(request);
  }

  /** One system call for all of them. */
  #writePieces({ head, pieces }: WireRequest): void {
    this.#socket.cork();
    this.#socket.write(head, "latin1");
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
  }

  #read(bytes: Buffer): void {
    if (this.#attempt === undefined) this.close(new WireError("WIRE_MALFORMED", "bytes that nobody asked for"));
    else if (this.#paused) this.#stash = Buffer.concat([this.#stash, bytes]);
    else this.#take(bytes);
  }

  #take(bytes: Buffer): void {
    try {
      const read = this.#parser.feed(bytes);
      if (!this.#alive) return;
      if (this.#paused) this.#stash = Buffer.from(bytes.subarray(read));
      else if (this.#parser.whole) this.#finish(read < bytes.length);
    } catch (error) {
      this.close(error instanceof Error ? error : new WireError("WIRE_MALFORMED", "no error"));
    }
  }

  /**
   * The answer is whole. When it came before all of the request was sent, when more came than an answer, or when the engine will close,
   * nobody else may have this connection, and it is closed before anybody learns of the end: the request's bytes are used again then.
   */
  #finish(tooMuch: boolean): void {
    if (tooMuch || this.#socket.writableLength > 0 || this.#parser.head?.keepAlive !== true) this.#hangUp();
    this.#parser.reset();
    this.#letGo()?.ended();
  }

  #ended(): void {
    if (!this.#alive) return;
    this.#hungUp = true;
    if (this.#paused) return;
    if (this.#attempt !== undefined && this.#parser.closed()) this.#finish(true);
    else this.close(new WireError("WIRE_CLOSED", "closed by the engine"));
  }

  #hangUp(): void {
    this.#alive = false;
    this.#socket.destroy();
    this.#keeper.gone(this);
  }

  #letGo(): Attempt | undefined {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#request = undefined;
    if (attempt !== undefined) this.#keeper.freed(this);
    return attempt;
  }
}

/** We closed it; no failure of the engine's. */
export function retired(): WireError {
  return new WireError("WIRE_RETIRED", "connection let go");
}
