/** The connections to one backend. Each backend has its own, so that a stalled one cannot take another's. */
import type { Backend } from "../domain/fleet.ts";
import { Roster } from "../domain/roster.ts";
import type { Outbound } from "../ports.ts";
import type { Attempt } from "./attempt.ts";
import { Connection, type Keeper, retired } from "./connection.ts";
import { type Destination, destinationOf, TlsSessions } from "./dial.ts";
import { crowded } from "./failures.ts";
import { type Address, type WireRequest, wireRequest } from "./request-head.ts";

interface Waiting {
  readonly request: WireRequest;
  readonly attempt: Attempt;
}

/**
 * Free connections lie on a stack: taking one costs the same however many are open, and the one used last is the least likely to have been
 * closed by the engine meanwhile.
 */
export class Line implements Keeper {
  readonly baseUrl: string;
  readonly connections: number;
  readonly #destination: Destination;
  readonly #address: Address;
  readonly #sessions = new TlsSessions();
  readonly #open = new Roster<Connection>();
  #free: Connection[] = [];
  /** Some on the stack may be closed. */
  #stale = false;
  #waiting: Waiting[] = [];
  #held = 0;
  #nowMs = 0;
  #retired: PromiseWithResolvers<void> | undefined;

  /** @throws TypeError when the base URL is no absolute http(s) URL */
  constructor(backend: Backend, connections: number) {
    const url = new URL(backend.baseUrl);
    this.baseUrl = backend.baseUrl;
    this.connections = connections;
    this.#destination = destinationOf(url);
    this.#address = { host: url.host, prefix: url.pathname.replace(/\/$/, "") };
  }

  /** As many again may wait as run: those whose callers left but which have not been let go of yet among them. */
  get crowded(): boolean {
    return this.#held >= this.connections * 2;
  }

  /** Connections there are, made or being made. */
  get size(): number {
    return this.#open.size;
  }

  dispatch(outbound: Outbound, attempt: Attempt, nowMs: number): void {
    let request: WireRequest;
    try {
      request = wireRequest(this.#address, outbound);
    } catch (error) {
      attempt.brokeBefore(error);
      return;
    }
    this.#nowMs = nowMs;
    this.#held += 1;
    const connection = this.#takeFree() ?? (this.#open.size < this.connections ? this.#dialled() : undefined);
    if (connection === undefined) this.#waiting.push({ request, attempt });
    else connection.carry(request, attempt);
  }

  /** Keeps the deadlines of the connections themselves. */
  sweep(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#open.forEach((connection) => connection.sweep(nowMs));
    if (!this.#stale) return;
    this.#stale = false;
    this.#free = this.#free.filter(({ alive }) => alive);
  }

  /** Takes no more exchanges; those that run end as they would, those that wait do not begin. Resolves when all connections are closed. */
  async retire(): Promise<void> {
    this.#retired ??= Promise.withResolvers<void>();
    for (const { attempt } of this.#waiting.splice(0)) attempt.stop(crowded());
    for (const connection of this.#free.splice(0)) connection.close(retired());
    if (this.#open.size === 0) this.#retired.resolve();
    await this.#retired.promise;
  }

  /** Closes every connection now. */
  destroy(): void {
    this.#waiting = [];
    this.#open.forEach((connection) => connection.close(retired()));
  }

  gone(connection: Connection): void {
    this.#open.delete(connection);
    this.#stale = true;
    if (this.#open.size === 0) this.#retired?.resolve();
  }

  /** Whoever waits longest and still wants it has the connection next, or one in its place. */
  freed(connection: Connection): void {
    this.#held -= 1;
    const next = this.#nextWaiting();
    if (next !== undefined) (connection.alive ? connection : this.#dialled()).carry(next.request, next.attempt);
    else if (this.#retired !== undefined) connection.close(retired());
    else if (connection.alive) {
      connection.rest(this.#nowMs);
      this.#free.push(connection);
    }
  }

  #nextWaiting(): Waiting | undefined {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (!next.attempt.over) return next;
      this.#held -= 1;
    }
    return undefined;
  }

  #takeFree(): Connection | undefined {
    let connection = this.#free.pop();
    while (connection !== undefined && !connection.alive) connection = this.#free.pop();
    return connection;
  }

  #dialled(): Connection {
    const connection = new Connection({ destination: this.#destination, sessions: this.#sessions, keeper: this, nowMs: this.#nowMs });
    this.#open.add(connection);
    return connection;
  }
}
