/** A request as node:http brings it. What costs something is read only when a stage asks. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { inAnyRange, parseAddress } from "../../domain/address.ts";
import type { MspId } from "../../domain/ids.ts";
import type { Arrival, Exit } from "../../ports.ts";
import type { Bodies } from "./bodies.ts";
import { NodeExit } from "./exit.ts";

/** What a listening port knows of all that comes in through it. */
export interface Gate {
  /** This port answers for one MSP, whatever the Host header says. */
  readonly msp: MspId | undefined;
  /** CIDR ranges whose forwarded headers are believed. */
  trustedProxies(): readonly string[];
  /** One for all ports of the process. */
  readonly bodies: Bodies;
}

export class NodeArrival implements Arrival {
  readonly exit: Exit;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #gate: Gate;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, gate: Gate) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
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

  get msp(): MspId | undefined {
    return this.#gate.msp;
  }

  get host(): string {
    const forwarded = this.#isProxied() ? this.header("x-forwarded-host") : undefined;
    return (forwarded ?? this.header("host") ?? "").toLowerCase();
  }

  get address(): string {
    const peer = this.#incoming.socket.remoteAddress ?? "";
    if (!this.#isProxied()) return peer;
    const trusted = this.#gate.trustedProxies();
    const hops = (this.#incoming.headersDistinct["x-forwarded-for"] ?? []).join(",").split(",");
    // From the right: the first hop that is no proxy of ours is the caller; everything left of it is hearsay.
    const caller = hops.map(withoutPort).findLast((hop) => hop !== "" && !inAnyRange(hop, trusted));
    return caller !== undefined && parseAddress(caller) !== undefined ? caller : peer;
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
    this.#continue(bytesMax);
    return this.#gate.bodies.read(this.#incoming, this.#outgoing, bytesMax);
  }

  /** Whoever waits for leave to send its body gets it only now, when the body is wanted. HTTP/1.0 does not know such waiting. */
  #continue(bytesMax: number): void {
    const { headers, httpVersionMinor } = this.#incoming;
    if (headers.expect === undefined || httpVersionMinor === 0) return;
    if (Number(headers["content-length"] ?? 0) <= bytesMax) this.#outgoing.writeContinue();
  }

  #isProxied(): boolean {
    const trusted = this.#gate.trustedProxies();
    return trusted.length > 0 && inAnyRange(this.#incoming.socket.remoteAddress ?? "", trusted);
  }
}

/** Some proxies write the caller's port behind its address. */
function withoutPort(hop: string): string {
  const [, v4, v6] = /^\s*(?:(\d+(?:\.\d+){3}):\d+|\[([^\]]*)\](?::\d+)?)\s*$/.exec(hop) ?? [];
  return v4 ?? v6 ?? hop.trim();
}
