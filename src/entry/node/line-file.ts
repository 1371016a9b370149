/** Writes lines to a file descriptor in large pieces: one copy a line, one system call for some hundred of them. */
import { write, writeSync } from "node:fs";
import type { Clock, Stop } from "../../ports.ts";
import type { LineSink } from "../../telemetry/access-log.ts";

const BUFFER_BYTES = 256 * 1024;
const FLUSH_BYTES = 64 * 1024;
const FLUSH_MS = 250;
const LINE_BREAK = 0x0a;

/**
 * Two buffers: one fills while the other is being written. When the reader is so slow that both are full, lines are dropped and counted:
 * a log must never hold up requests.
 */
export class LineFile implements LineSink {
  readonly #fd: number;
  readonly #pieceBytesMax: number;
  readonly #stop: Stop;
  #filling = Buffer.allocUnsafe(BUFFER_BYTES);
  #spare = Buffer.allocUnsafe(BUFFER_BYTES);
  #at = 0;
  #writing = false;
  #dropped = 0;

  /** @param pieceBytesMax written at a time, whole lines: for a descriptor that others write to as well, which keeps only so much together */
  constructor(fd: number, clock: Pick<Clock, "every">, pieceBytesMax = BUFFER_BYTES) {
    this.#fd = fd;
    this.#pieceBytesMax = pieceBytesMax;
    this.#stop = clock.every(FLUSH_MS, () => this.#flush());
  }

  write(line: string): void {
    // A UTF-16 unit becomes three bytes at most.
    if (this.#at + line.length * 3 > BUFFER_BYTES) this.#dropped += 1;
    else this.#at += this.#filling.write(line, this.#at);
    if (this.#at >= FLUSH_BYTES) this.#flush();
  }

  /** Writes what is left, at once, and takes nothing more. */
  close(): void {
    this.#stop();
    for (let from = 0; from < this.#at;) {
      const end = this.#pieceEnd(this.#filling, from, this.#at);
      from += writeSync(this.#fd, this.#filling, from, end - from);
    }
    this.#at = 0;
  }

  #flush(): void {
    if (this.#writing || this.#at === 0) return;
    const [full, bytes] = [this.#filling, this.#at];
    this.#filling = this.#spare;
    this.#spare = full;
    this.#at = 0;
    this.#note();
    this.#drain(full, 0, bytes);
  }

  /** A descriptor may take less than it is given. */
  #drain(bytes: Buffer, from: number, until: number): void {
    this.#writing = true;
    write(this.#fd, bytes, from, this.#pieceEnd(bytes, from, until) - from, null, (error, taken) => {
      this.#writing = false;
      if (error === null && from + taken < until) this.#drain(bytes, from + taken, until);
      else if (error?.code === "EAGAIN") setImmediate(() => this.#drain(bytes, from, until));
    });
  }

  /** Behind the last line that fits; a line that is too long by itself goes out alone. */
  #pieceEnd(bytes: Buffer, from: number, until: number): number {
    if (until - from <= this.#pieceBytesMax) return until;
    const last = bytes.lastIndexOf(LINE_BREAK, from + this.#pieceBytesMax - 1);
    const end = last >= from ? last : bytes.indexOf(LINE_BREAK, from);
    return end < 0 || end >= until ? until : end + 1;
  }

  #note(): void {
    if (this.#dropped === 0) return;
    const line = `{"level":"warn","msg":"request lines dropped: the log is read too slowly","lines":${String(this.#dropped)}}\n`;
    this.#dropped = 0;
    this.#at += this.#filling.write(line, this.#at);
  }
}
