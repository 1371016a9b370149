/** The connections to one backend. Each backend has its own, so that a stalled one cannot take another's. */
import { buildConnector } from "undici";
import { BOUNDS } from "../bounds.ts";
import type { Backend } from "../domain/fleet.ts";
import type { Outbound } from "../ports.ts";
import type { Attempt } from "./attempt.ts";
import { crowded } from "./failures.ts";
import { Track } from "./track.ts";

interface Waiting {
  readonly outbound: Outbound;
  readonly attempt: Attempt;
}

/**
 * Free connections lie on a stack: taking one costs the same however many are open (a pool that looks for a free one among thousands of
 * open streams does not), and the one used last is the least likely to have been closed by the engine meanwhile.
 */
export class Line {
  readonly baseUrl: string;
  readonly connections: number;
  readonly #origin: string;
  readonly #prefix: string;
  readonly #connect = buildConnector({ timeout: BOUNDS.connectMsMax, allowH2: false });
  readonly #tracks: Track[] = [];
  readonly #free: Track[] = [];
  #waiting: Waiting[] = [];
  #held = 0;

  /** @throws TypeError when the base URL is no absolute http(s) URL */
  constructor(backend: Backend, connections: number) {
    const url = new URL(backend.baseUrl);
    if (url.protocol !== "http:" && url.protocol !== "https:") throw new TypeError("a backend is reached over http or https");
    this.baseUrl = backend.baseUrl;
    this.connections = connections;
    this.#origin = url.origin;
    this.#prefix = url.pathname === "/" ? "" : url.pathname.replace(/\/$/, "");
  }

  /** As many again may wait as run: those whose callers left but which have not been let go of yet among them. */
  get crowded(): boolean {
    return this.#held >= this.connections * 2;
  }

  dispatch(outbound: Outbound, attempt: Attempt): void {
    this.#held += 1;
    const track = this.#free.pop() ?? this.#opened();
    if (track === undefined) this.#waiting.push({ outbound, attempt });
    else this.#start(track, { outbound, attempt });
  }

  /** Takes no more exchanges; those that run end as they would, those that wait do not begin. */
  async retire(): Promise<void> {
    for (const { attempt } of this.#waiting) attempt.stop(crowded());
    this.#waiting = [];
    await Promise.all(this.#tracks.map((track) => track.client.close()));
  }

  /** Closes every connection now. */
  async destroy(): Promise<void> {
    this.#waiting = [];
    await Promise.all(this.#tracks.map((track) => track.client.destroy()));
  }

  #opened(): Track | undefined {
    if (this.#tracks.length >= this.connections) return undefined;
    const track = new Track(this.#origin, this.#connect, () => this.#released(track));
    this.#tracks.push(track);
    return track;
  }

  #start(track: Track, { outbound, attempt }: Waiting): void {
    attempt.carriedBy(track);
    const { method, headers, body, pieces } = outbound;
    const path = this.#prefix + outbound.path;
    if (pieces === undefined) track.client.dispatch({ path, method, headers: headers.slice(), body: body ?? null }, attempt);
    else {
      const options = { path, method, headers: [...headers, "content-length", lengthOf(pieces)], body: null };
      // undici takes an iterable as a body; its types do not say so.
      track.client.dispatch(Object.assign(options, { body: pieces }), attempt);
    }
  }

  /** A connection is free again: whoever waits longest and still wants it has it next. */
  #released(track: Track): void {
    this.#held -= 1;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (!next.attempt.over) {
        this.#start(track, next);
        return;
      }
      this.#held -= 1;
    }
    this.#free.push(track);
  }
}

function lengthOf(pieces: readonly Buffer[]): string {
  return String(pieces.reduce((sum, { length }) => sum + length, 0));
}
