/** One answer on its way out, with everything a network or a broken engine can do to its bytes. */
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { Clock, Stop } from "../ports.ts";
import type { Knobs } from "./faults.ts";

/** Flat name, value, name, value … */
export type HeaderPairs = readonly string[];

/** Stands in a text for the place where invalid bytes go; a private-use character that no prose has. */
export const INVALID_MARK = "\uE000";
const MARK_BYTES = Buffer.from(INVALID_MARK);
const INVALID_BYTES = Buffer.from([0xff, 0xfe, 0xfd]);

/** One write of a line that never ends, in bytes; and how often, in milliseconds. */
const ENDLESS_BYTES = 16_384;
const ENDLESS_MS = 1;

export class Answer {
  readonly #response: ServerResponse;
  readonly #clock: Pick<Clock, "after">;
  #knobs: Knobs = {};
  #queue: Buffer[] | undefined;
  #waitingHead: { readonly status: number; readonly headers: HeaderPairs } | undefined;
  #ending = false;
  #cut = false;
  #closed = false;

  constructor(response: ServerResponse, clock: Pick<Clock, "after">) {
    this.#response = response;
    this.#clock = clock;
  }

  /** Faults of the bytes: gzip, dripMs, endlessLine, invalidUtf8. Before head(). */
  apply(knobs: Knobs): void {
    this.#knobs = knobs;
  }

  get started(): boolean {
    return this.#response.headersSent || this.#waitingHead !== undefined;
  }

  /** The client left, or the answer is over. */
  get over(): boolean {
    return this.#closed || this.#response.destroyed || this.#response.writableEnded;
  }

  /** The client left before the end; once. */
  onGone(then: Stop): void {
    this.#response.once("close", () => {
      if (!this.#response.writableFinished && !this.#closed) then();
    });
  }

  /** The answer is over, one way or the other; once. */
  onOver(then: Stop): void {
    this.#response.once("close", then);
  }

  head(status: number, headers: HeaderPairs): void {
    if (this.over || this.started) return;
    if (this.#queue === undefined) this.#sendHead(status, headers);
    else this.#waitingHead = { status, headers };
  }

  write(text: string | Buffer): void {
    if (text.length > 0) this.#send(typeof text === "string" ? Buffer.from(text) : text);
  }

  end(text: string | Buffer = ""): void {
    this.write(text);
    this.#ending = true;
    this.#finish();
  }

  /** Nothing more goes out for `ms`; undefined: ever. What is written meanwhile waits. */
  hold(ms: number | undefined): void {
    if (this.#queue !== undefined) return;
    this.#queue = [];
    if (ms !== undefined) this.#clock.after(ms, () => this.#release());
  }

  /** The next write is sent by half, then the connection ends. */
  cutNext(): void {
    this.#cut = true;
  }

  /** RST, whatever was sent before. */
  reset(): void {
    this.#closed = true;
    this.#response.socket?.resetAndDestroy();
  }

  #sendHead(status: number, headers: HeaderPairs): void {
    const length = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === "content-length");
    const resized = this.#knobs.gzip === true || this.#knobs.endlessLine === true || this.#knobs.invalidUtf8 === true;
    const kept = resized && length >= 0 ? headers.toSpliced(length, 2) : headers;
    this.#response.sendDate = false;
    // Engines do not say `connection: keep-alive`; Node does unless it was told to remove it.
    this.#response.removeHeader("connection");
    this.#response.writeHead(status, this.#knobs.gzip === true ? [...kept, "content-encoding", "gzip"] : [...kept]);
    if (this.#knobs.endlessLine === true) this.#endless();
    // A stream's head goes out before its first frame, as the engines' own servers do it.
    else if (length < 0) this.#response.flushHeaders();
  }

  #release(): void {
    const waiting = this.#queue ?? [];
    const head = this.#waitingHead;
    this.#queue = undefined;
    this.#waitingHead = undefined;
    if (head !== undefined && !this.over) this.#sendHead(head.status, head.headers);
    for (const bytes of waiting) this.#send(bytes);
    this.#finish();
  }

  #send(bytes: Buffer): void {
    if (this.over || this.#knobs.endlessLine === true) return;
    if (this.#queue !== undefined) this.#queue.push(bytes);
    else if (this.#cut) this.#sendHalf(bytes);
    else if (this.#knobs.dripMs !== undefined) this.#dripOut(this.#encode(bytes), this.#knobs.dripMs);
    else this.#response.write(this.#encode(bytes));
  }

  #finish(): void {
    if (this.#ending && this.#queue === undefined && this.#knobs.endlessLine !== true && !this.over) this.#response.end();
  }

  #sendHalf(bytes: Buffer): void {
    this.#closed = true;
    this.#response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => this.#response.destroy());
  }

  #encode(bytes: Buffer): Buffer {
    const spoiled = this.#knobs.invalidUtf8 === true ? spoil(bytes) : bytes;
    // Gzip members may stand one behind the other, so each write is whole in itself.
    return this.#knobs.gzip === true ? gzipSync(spoiled) : spoiled;
  }

  #dripOut(bytes: Buffer, everyMs: number): void {
    this.#queue = [];
    let sent = 0;
    const next = (): void => {
      if (this.over) return;
      this.#response.write(bytes.subarray(sent, sent + 1));
      sent += 1;
      this.#clock.after(everyMs, sent < bytes.length ? next : () => this.#release());
    };
    next();
  }

  #endless(): void {
    const line = Buffer.alloc(ENDLESS_BYTES, "x");
    const more = (): void => {
      if (this.over) return;
      if (this.#response.write(line)) this.#clock.after(ENDLESS_MS, more);
      else this.#response.once("drain", more);
    };
    this.#response.write("data: ");
    more();
  }
}

function spoil(bytes: Buffer): Buffer {
  const at = bytes.indexOf(MARK_BYTES);
  return at < 0 ? bytes : Buffer.concat([bytes.subarray(0, at), INVALID_BYTES, bytes.subarray(at + MARK_BYTES.length)]);
}
