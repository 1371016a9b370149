/** The journal on a disk: what one event-loop turn admits and settles goes out in one checked write, so that no admission waits for a table. */
import { closeSync, mkdirSync, openSync } from "node:fs";
import { BOUNDS } from "../bounds.ts";
import { Fault } from "../faults.ts";
import type { Clock, Journal, JournalRecord } from "../ports.ts";
import { NODE_DISK } from "./disk.ts";
import type { Disk } from "./disk.ts";
import { GroupSync } from "./group-sync.ts";
import { HEADER_BYTES, sealBatch } from "./journal-batch.ts";
import { END_PREFIX, encodeRecord } from "./journal-record.ts";
import { segmentBytes, segmentPath, syncFolder } from "./journal-segments.ts";
import type { Position } from "./journal-segments.ts";

export interface FileJournalOptions {
  /** Folder of the segments. */
  readonly dir: string;
  readonly clock: Pick<Clock, "turn">;
  /** durable() also waits for the disk, not only for the operating system. */
  readonly fsync: boolean;
  /** Segment to go on with. Its tail must be sound: cut it first. */
  readonly segment: number;
  /** Lowest segment that still exists; the current one when left out. */
  readonly oldest?: number;
  readonly disk?: Disk;
  /** Start a new segment above this; BOUNDS.journalSegmentBytesMax when left out. */
  readonly segmentBytesMax?: number;
}

const DONE: Promise<void> = Promise.resolve();
/** UTF-8 takes at most three bytes for a UTF-16 unit, so a batch of this many units fits with a record to spare. */
const BATCH_CHARS_MAX = Math.floor(BOUNDS.journalBatchBytesMax / 4);
const BUFFER_BYTES_MIN = 64 * 1024;

export class FileJournal implements Journal {
  readonly #dir: string;
  readonly #clock: Pick<Clock, "turn">;
  readonly #fsync: boolean;
  readonly #disk: Disk;
  readonly #sync: GroupSync;
  readonly #segmentBytesMax: number;
  readonly #onTurn = (): void => {
    this.#armed = false;
    this.#write();
  };
  #segment: number;
  #oldest: number;
  #fd: number;
  /** End of the last whole batch, in bytes; what lies behind it after a failed write is torn. */
  #good: number;
  #torn = false;
  #armed = false;
  #lines: string[] = [];
  #chars = 0;
  #waiting: PromiseWithResolvers<void> | undefined;
  #bytes = Buffer.allocUnsafeSlow(BUFFER_BYTES_MIN);

  constructor(options: FileJournalOptions) {
    this.#dir = options.dir;
    this.#clock = options.clock;
    this.#fsync = options.fsync;
    this.#disk = options.disk ?? NODE_DISK;
    this.#sync = new GroupSync(this.#disk);
    this.#segmentBytesMax = options.segmentBytesMax ?? BOUNDS.journalSegmentBytesMax;
    this.#segment = options.segment;
    this.#oldest = options.oldest ?? options.segment;
    mkdirSync(this.#dir, { recursive: true });
    this.#fd = this.#open();
    this.#good = segmentBytes(this.#dir, this.#segment);
  }

  /** Up to here the journal is written and may be folded. */
  get position(): Position {
    return { segment: this.#segment, offset: this.#good };
  }

  /**
   * Queues a record for this turn's write. After a failed write a hold first needs the torn tail gone and throws
   * Fault ledger_unavailable when it stays; an end is kept and written as soon as the disk takes it again.
   */
  append(record: JournalRecord): void {
    if (this.#sync.failure !== undefined) throw unavailable(this.#sync.failure);
    if (this.#torn && record.kind === "hold") this.#mend();
    if (this.#lines.length >= BOUNDS.holdsOpenMax * 2) throw unavailable(new Error("too many records wait for the disk"));
    const line = encodeRecord(record);
    this.#lines.push(line);
    this.#chars += line.length;
    if (!this.#armed) this.#arm();
    else if (this.#chars > BATCH_CHARS_MAX && !this.#torn) this.#write();
  }

  durable(): Promise<void> {
    if (this.#sync.failure !== undefined) return Promise.reject(unavailable(this.#sync.failure));
    if (this.#lines.length === 0) return this.#fsync ? this.#sync.settled().catch(rethrow) : DONE;
    if (!this.#armed) this.#arm();
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Writes what is queued now instead of at the end of the turn. @throws Fault ledger_unavailable */
  flush(): void {
    const failure = this.#write();
    if (failure !== undefined) throw unavailable(failure);
  }

  /** The segments below this one are gone: they no longer count against journalSegmentsMax. */
  release(oldest: number): void {
    this.#oldest = oldest;
  }

  /** Writes what is queued, waits for the disk where that was asked for, and closes the file. @throws Fault ledger_unavailable */
  async close(): Promise<void> {
    const failure = this.#write();
    try {
      if (failure !== undefined) throw unavailable(failure);
      if (this.#fsync) await this.#sync.settled().catch(rethrow);
    } finally {
      closeSync(this.#fd);
    }
  }

  #arm(): void {
    this.#armed = true;
    this.#clock.turn(this.#onTurn);
  }

  #write(): unknown {
    if (this.#lines.length === 0) return undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    try {
      if (this.#torn) this.#mend();
      if (this.#good >= this.#segmentBytesMax) this.#nextSegment();
      this.#good = this.#writeLines();
    } catch (failure) {
      this.#keepEnds();
      waiting?.reject(unavailable(failure));
      return failure;
    }
    this.#lines = [];
    this.#chars = 0;
    if (!this.#fsync) waiting?.resolve();
    else {
      const synced = this.#sync.request(this.#fd);
      if (waiting !== undefined)
        synced.then(waiting.resolve, (failure: unknown) => {
          waiting.reject(unavailable(failure));
        });
    }
    return undefined;
  }

  /** All or nothing: the end of the last batch counts only when every batch went out. Returns it, in bytes. */
  #writeLines(): number {
    this.#torn = true;
    let end = this.#good;
    if (this.#chars <= BATCH_CHARS_MAX) end += this.#writeBatch(this.#lines.join(",\n"));
    else for (const text of inPieces(this.#lines)) end += this.#writeBatch(text);
    this.#torn = false;
    return end;
  }

  #writeBatch(text: string): number {
    const room = HEADER_BYTES + text.length * 3;
    if (room > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(room * 2);
    const length = sealBatch(this.#bytes, this.#bytes.write(text, HEADER_BYTES, "utf8"));
    for (let start = 0; start < length;) {
      const count = this.#disk.write(this.#fd, this.#bytes.subarray(start, length));
      if (count <= 0) throw new Error("the disk took no bytes");
      start += count;
    }
    return length;
  }

  /** Cuts what a failed write left behind. @throws Fault ledger_unavailable while the disk refuses even that */
  #mend(): void {
    try {
      this.#disk.truncate(this.#fd, this.#good);
      this.#torn = false;
    } catch (failure) {
      throw unavailable(failure);
    }
  }

  /** Whoever waited for a hold is told no, but a settlement has happened whatever the disk says. */
  #keepEnds(): void {
    this.#lines = this.#lines.filter((line) => line.startsWith(END_PREFIX));
    this.#chars = this.#lines.reduce((sum, line) => sum + line.length, 0);
  }

  #nextSegment(): void {
    if (this.#segment + 1 - this.#oldest >= BOUNDS.journalSegmentsMax) throw new Error("too many segments wait to be folded");
    const previous = this.#fd;
    this.#segment += 1;
    try {
      this.#fd = this.#open();
    } catch (failure) {
      this.#segment -= 1;
      throw failure;
    }
    this.#good = 0;
    if (this.#fsync) this.#sync.retire(previous);
    else closeSync(previous);
  }

  #open(): number {
    const fd = openSync(segmentPath(this.#dir, this.#segment), "a", 0o600);
    if (this.#fsync) syncFolder(this.#dir);
    return fd;
  }
}

function* inPieces(lines: readonly string[]): Generator<string, void, void> {
  let piece: string[] = [];
  let chars = 0;
  for (const line of lines) {
    piece.push(line);
    chars += line.length;
    if (chars <= BATCH_CHARS_MAX) continue;
    yield piece.join(",\n");
    piece = [];
    chars = 0;
  }
  if (piece.length > 0) yield piece.join(",\n");
}

function unavailable(cause: unknown): Fault {
  if (cause instanceof Fault) return cause;
  return new Fault("ledger_unavailable", { detail: `journal: ${cause instanceof Error ? cause.message : String(cause)}`, cause });
}

function rethrow(failure: unknown): never {
  throw unavailable(failure);
}
