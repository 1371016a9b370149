/** A request as node:http brings it. What costs something is read only when a stage asks. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { BOUNDS } from "../../bounds.ts";
import { inAnyRange } from "../../domain/address.ts";
import { Fault } from "../../faults.ts";
import type { Arrival, Exit } from "../../ports.ts";
import { NodeExit } from "./exit.ts";

/** What a listening port knows of all that comes in through it. */
export interface Gate {
  /** This port answers for one host name, whatever the Host header says. */
  readonly host: string | undefined;
  /** CIDR ranges whose forwarded headers are believed. */
  trustedProxies(): readonly string[];
  /** Bytes of bodies that are being read now, over all ports of the process. */
  readonly held: { bytes: number };
}

export class NodeArrival implements Arrival {
  readonly exit: Exit;
  readonly #incoming: IncomingMessage;
  readonly #gate: Gate;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, gate: Gate) {
    this.#incoming = incoming;
    this.#gate = gate;
    this.exit = new NodeExit(outgoing);
  }

  get method(): string {
    return this.#incoming.method ?? "GET";
  }

  get path(): string {
    const url = this.#incoming.url ?? "/";
    const query = url.indexOf("?");
    return query < 0 ? url : url.slice(0, query);
  }

  get query(): URLSearchParams {
    const url = this.#incoming.url ?? "/";
    const query = url.indexOf("?");
    return new URLSearchParams(query < 0 ? "" : url.slice(query + 1));
  }

  get host(): string {
    if (this.#gate.host !== undefined) return this.#gate.host;
    const forwarded = this.#isProxied() ? this.header("x-forwarded-host") : undefined;
    return (forwarded ?? this.header("host") ?? "").toLowerCase();
  }

  get address(): string {
    const peer = this.#incoming.socket.remoteAddress ?? "";
    if (!this.#isProxied()) return peer;
    const trusted = this.#gate.trustedProxies();
    const hops = (this.#incoming.headersDistinct["x-forwarded-for"] ?? []).join(",").split(",");
    // From the right: the first hop that is no proxy of ours is the caller; everything left of it is hearsay.
    return hops.map((hop) => hop.trim()).findLast((hop) => hop !== "" && !inAnyRange(hop, trusted)) ?? peer;
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  values(name: string): readonly string[] {
    const raw = this.#incoming.rawHeaders;
    const found: string[] = [];
    for (let at = 0; at < raw.length; at += 2) {
      const key = raw[at] ?? "";
      if (key.length === name.length && key.toLowerCase() === name) found.push(raw[at + 1] ?? "");
    }
    return found;
  }

  body(bytesMax: number): Promise<Buffer> {
    const declared = Number(this.#incoming.headers["content-length"] ?? 0);
    if (declared > bytesMax) return Promise.reject(tooLarge(bytesMax));
    if (this.#gate.held.bytes + declared > BOUNDS.bodyBytesTotalMax) return Promise.reject(new Fault("overloaded", { retryAfterMs: BOUNDS.retryAfterDefaultMs }));
    return new Promise((resolve, reject) => collect(this.#incoming, bytesMax, { resolve, reject, held: this.#gate.held }));
  }

  #isProxied(): boolean {
    const trusted = this.#gate.trustedProxies();
    return trusted.length > 0 && inAnyRange(this.#incoming.socket.remoteAddress ?? "", trusted);
  }
}

interface Waiter {
  resolve(body: Buffer): void;
  reject(fault: Fault): void;
  readonly held: { bytes: number };
}

/**
 * Gathers a body up to its bound. The bytes count as held until they have been handed over. Listeners stay: a message ends once, and taking
 * them off costs more than asking whether it is over.
 */
function collect(incoming: IncomingMessage, bytesMax: number, { resolve, reject, held }: Waiter): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let over = false;
  const end = (fault: Fault | undefined): void => {
    if (over) return;
    over = true;
    held.bytes -= bytes;
    if (fault !== undefined) reject(fault);
    else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes));
  };
  incoming.on("data", (chunk: Buffer) => {
    if (over) return;
    bytes += chunk.length;
    held.bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > bytesMax) end(tooLarge(bytesMax));
  });
  incoming.on("end", () => end(undefined));
  incoming.on("close", () => end(new Fault("body_timeout")));
}

function tooLarge(bytesMax: number): Fault {
  return new Fault("body_too_large", { text: `The request body is larger than ${String(bytesMax / 1024 / 1024)} MiB.`, headers: { connection: "close" } });
}
