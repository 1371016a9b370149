/** The parent's end of several journals: folds all lanes into the one database by one thread, and keeps whose money that was. */
import { BOUNDS } from "../bounds.ts";
import type { Clock, Spent, Stop, UsageQuery, UsageRow } from "../ports.ts";
import type { FoldThread } from "./fold-thread.ts";
import { isBefore, type Position } from "./journal-segments.ts";
import type { StorageLog } from "./storage-log.ts";
import { usageRows, usageStatement } from "./usage.ts";

/** A lane whose process lives. */
interface Written {
  position: Position;
  folded: Position;
  /** Settled since the process began; undefined: a fold was lost with its thread, and nobody can tell. */
  charged: Map<string, Spent> | undefined;
  /** The lowest segment that still exists has changed. */
  readonly onRelease: (oldest: number) => void;
}

export class LaneLedger {
  readonly #thread: Pick<FoldThread, "fold" | "query">;
  readonly #log: StorageLog;
  readonly #lanes = new Map<number, Written>();
  readonly #stop: Stop;
  #folding: Promise<void> | undefined;

  constructor({
    thread,
    clock,
    log,
  }: {
    readonly thread: Pick<FoldThread, "fold" | "query">;
    readonly clock: Pick<Clock, "every">;
    readonly log: StorageLog;
  }) {
    this.#thread = thread;
    this.#log = log;
    this.#stop = clock.every(BOUNDS.foldMs, () => {
      if (this.#folding === undefined) void this.#foldAll().catch((failure: unknown) => this.#complain(failure));
    });
  }

  /** A process writes in this lane from now on. */
  join(lane: number, segment: number, onRelease: (oldest: number) => void): void {
    const position = { segment, offset: 0 };
    this.#lanes.set(lane, { position, folded: position, charged: new Map(), onRelease });
  }

  /** It has written so far, whole batches. */
  written(lane: number, position: Position): void {
    const known = this.#lanes.get(lane);
    if (known !== undefined && isBefore(known.position, position)) known.position = position;
  }

  /** Its process is gone. Folds of it that are under way end first; the rest is the recovery's. @returns what it had charged */
  async leave(lane: number): Promise<readonly Spent[] | undefined> {
    const known = this.#lanes.get(lane);
    this.#lanes.delete(lane);
    await this.#folding?.catch(() => undefined);
    return known?.charged === undefined ? undefined : [...known.charged.values()];
  }

  /** As usageStatement says, of everything that was written. @throws Fault ledger_unavailable, overloaded, invalid_value */
  async usage(query: UsageQuery): Promise<readonly UsageRow[]> {
    const statement = usageStatement(query);
    await this.#foldAll();
    return usageRows(await this.#thread.query({ segment: 1, offset: 0 }, statement));
  }

  /** Ends when no fold runs any more. */
  async close(): Promise<void> {
    this.#stop();
    await this.#folding?.catch(() => undefined);
  }

  /** One round after the other, so that whoever waits for the last one has waited for all. */
  #foldAll(): Promise<void> {
    const before = this.#folding?.catch(() => undefined) ?? Promise.resolve();
    const round = before.then(async () => {
      for (const [lane, written] of this.#lanes) await this.#fold(lane, written);
    });
    this.#folding = round;
    const done = (): void => {
      if (this.#folding === round) this.#folding = undefined;
    };
    void round.then(done, done);
    return round;
  }

  #complain(failure: unknown): void {
    const detail = failure instanceof Error && "detail" in failure ? String(failure.detail) : String(failure);
    this.#log("error", "a journal could not be folded; it is kept and tried again", { detail });
  }

  async #fold(lane: number, written: Written): Promise<void> {
    if (!isBefore(written.folded, written.position)) return;
    try {
      const report = await this.#thread.fold(written.position, lane);
      if (isBefore(written.folded, report.position)) written.folded = report.position;
      for (const spent of report.charged) add(written.charged, spent);
      written.onRelease(report.oldest);
      if (report.strayEnds > 0) this.#log("warn", "settlements without an open hold were left out", { lane, count: report.strayEnds });
    } catch (failure) {
      // What the thread had settled it may have taken along.
      written.charged = undefined;
      throw failure;
    }
  }
}

function add(sums: Map<string, Spent> | undefined, { scope, id, month, amount }: Spent): void {
  const name = `${scope} ${month} ${id}`;
  sums?.set(name, { scope, id, month, amount: (sums.get(name)?.amount ?? 0) + amount });
}
