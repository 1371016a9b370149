/** The only sockets towards engines on Node: connections of our own, one sweep for all deadlines, and the last check of the clearance. */
import { BOUNDS } from "../bounds.ts";
import { Clearance } from "../domain/clearance.ts";
import type { Backend } from "../domain/fleet.ts";
import type { BackendId } from "../domain/ids.ts";
import { Roster } from "../domain/roster.ts";
import type { Ask, Clock, Failure, HeaderList, Listener, Outbound, Stop, Transport, Upstream } from "../ports.ts";
import { Attempt } from "./attempt.ts";
import { type Answer, Collection } from "./collection.ts";
import { closing, crowded } from "./failures.ts";
import { INFERENCE_LIMITS, type Limits, PROBE_LIMITS } from "./limits.ts";
import { Line } from "./line.ts";

/** A probe asks at most this many status routes of one backend at a time. */
const PROBE_CONNECTIONS = 4;

/** The handle of an exchange that was refused before it began. */
class Refused implements Upstream {
  #cancelled = false;

  /** Fails the listener after send() has returned, as every other failure does. */
  constructor(listener: Listener, failure: Failure) {
    queueMicrotask(() => {
      if (!this.#cancelled) listener.fail(failure);
    });
  }

  pause(): void {}

  resume(): void {}

  cancel(): void {
    this.#cancelled = true;
  }
}

export interface NodeTransportParts {
  readonly clock: Pick<Clock, "monotonicMs" | "every">;
  /** Deadlines of inference; those of src/bounds.ts unless given. */
  readonly limits?: Limits;
}

export class NodeTransport implements Transport {
  readonly #clock: Pick<Clock, "monotonicMs" | "every">;
  readonly #limits: Limits;
  readonly #wholeLimits: Limits;
  readonly #lines = new Map<BackendId, Line>();
  readonly #probeLines = new Map<BackendId, Line>();
  readonly #attempts = new Roster<Attempt>();
  #sweeping: Stop | undefined;
  #closed = false;

  constructor(parts: NodeTransportParts) {
    this.#clock = parts.clock;
    this.#limits = parts.limits ?? INFERENCE_LIMITS;
    // An answer that comes in one piece is silent until it is whole.
    this.#wholeLimits = { ...this.#limits, firstByteMsMax: this.#limits.totalMsMax };
  }

  send(clearance: Clearance, outbound: Outbound, listener: Listener): Upstream {
    if (!Clearance.is(clearance)) throw new TypeError("nothing is sent without a clearance");
    const backend = clearance.backend;
    const line = this.#line(this.#lines, backend, backend.concurrencyMax);
    return this.#begin(line, outbound, { listener, limits: outbound.comesWhole === true ? this.#wholeLimits : this.#limits });
  }

  /** Questions to a backend's own status routes, on connections apart from inference; nothing of a request is in them. */
  probe(backend: Backend): Ask {
    return (method, path, body) =>
      this.#ask(backend, { method, path, headers: probeHeaders(backend, body), body: body === undefined ? undefined : Buffer.from(body) });
  }

  /** Lets go of the connections to backends that are no longer declared. */
  retain(backends: ReadonlySet<BackendId>): void {
    for (const lines of [this.#lines, this.#probeLines]) {
      for (const [id, line] of lines) {
        if (backends.has(id)) continue;
        lines.delete(id);
        void line.retire();
      }
    }
  }

  /** Fails what still runs, closes every connection, takes nothing more. */
  close(): Promise<void> {
    this.#closed = true;
    this.#sweeping?.();
    this.#sweeping = undefined;
    this.#attempts.forEach((attempt) => attempt.stop(closing()));
    const lines = [...this.#lines.values(), ...this.#probeLines.values()];
    this.#lines.clear();
    this.#probeLines.clear();
    for (const line of lines) line.destroy();
    return Promise.resolve();
  }

  #begin(line: Line, outbound: Outbound, { listener, limits }: { listener: Listener; limits: Limits }): Upstream {
    if (!outbound.path.startsWith("/")) throw new TypeError("an outbound path starts with a slash");
    if (this.#closed) return new Refused(listener, closing());
    if (line.crowded) return new Refused(listener, crowded());
    const startedMs = this.#clock.monotonicMs();
    const attempt = new Attempt({ listener, limits, roster: this.#attempts, startedMs });
    this.#attempts.add(attempt);
    line.dispatch(outbound, attempt, startedMs);
    this.#sweeping ??= this.#clock.every(BOUNDS.deadlineSweepMs, () => this.#sweep());
    return attempt;
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#attempts.forEach((attempt) => attempt.sweep(nowMs));
    let open = this.#attempts.size;
    for (const lines of [this.#lines, this.#probeLines]) {
      for (const line of lines.values()) {
        line.sweep(nowMs);
        open += line.size;
      }
    }
    if (open > 0) return;
    this.#sweeping?.();
    this.#sweeping = undefined;
  }

  async #ask(backend: Backend, outbound: Outbound): Promise<Answer> {
    const collection = new Collection();
    const line = this.#line(this.#probeLines, backend, PROBE_CONNECTIONS);
    collection.over(this.#begin(line, outbound, { listener: collection, limits: PROBE_LIMITS }));
    return collection.answer;
  }

  /** The backend's connections; made anew when its declaration changed, the old ones ending what they carry. */
  #line(lines: Map<BackendId, Line>, backend: Backend, connections: number): Line {
    const known = lines.get(backend.id);
    if (known !== undefined && known.baseUrl === backend.baseUrl && known.connections === connections) return known;
    if (known !== undefined) void known.retire();
    else if (lines.size >= BOUNDS.backendsMax) throw new TypeError("more backends than bounds allow");
    const line = new Line(backend, connections);
    lines.set(backend.id, line);
    return line;
  }
}

function probeHeaders(backend: Backend, body: string | undefined): HeaderList {
  const headers: string[] = [];
  if (body !== undefined) headers.push("content-type", "application/json");
  if (backend.credential !== undefined) headers.push("authorization", `Bearer ${backend.credential}`);
  return headers;
}
