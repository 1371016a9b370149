/** Keeps the tables close behind the journal: folds at intervals when there is something new, and before every usage query. */
import { BOUNDS } from "../bounds.ts";
import type { Clock, Ledger, Stop, UsageQuery, UsageRow } from "../ports.ts";
import type { FoldThread } from "./fold-thread.ts";
import type { FoldReport } from "./fold.ts";
import type { FileJournal } from "./journal-file.ts";
import { isBefore } from "./journal-segments.ts";
import type { Position } from "./journal-segments.ts";
import type { StorageLog } from "./storage-log.ts";
import { usageRows, usageStatement } from "./usage.ts";

export class SqliteLedger implements Ledger {
  readonly #journal: FileJournal;
  readonly #thread: Pick<FoldThread, "fold" | "query" | "close">;
  readonly #log: StorageLog;
  readonly #stop: Stop;
  #folded: Position;
  #folding: Promise<void> | undefined;

  constructor(parts: {
    readonly journal: FileJournal;
    readonly thread: Pick<FoldThread, "fold" | "query" | "close">;
    readonly clock: Pick<Clock, "every">;
    readonly log: StorageLog;
  }) {
    this.#journal = parts.journal;
    this.#thread = parts.thread;
    this.#log = parts.log;
    this.#folded = parts.journal.position;
    this.#stop = parts.clock.every(BOUNDS.foldMs, () => {
      this.#tick();
    });
  }

  /** Resolves when every settlement appended so far is in the tables. @throws Fault ledger_unavailable, overloaded */
  async fold(): Promise<void> {
    this.#journal.flush();
    this.#seen(await this.#thread.fold(this.#journal.position));
  }

  /** As usageStatement says. @throws Fault ledger_unavailable, overloaded, invalid_value */
  async usage(query: UsageQuery): Promise<readonly UsageRow[]> {
    const statement = usageStatement(query);
    this.#journal.flush();
    return usageRows(await this.#thread.query(this.#journal.position, statement));
  }

  /** Folds what is left and ends the thread; the journal must have been flushed. */
  async close(): Promise<void> {
    this.#stop();
    try {
      await this.#folding;
      await this.#thread.fold(this.#journal.position);
    } finally {
      await this.#thread.close();
    }
  }

  #tick(): void {
    if (this.#folding !== undefined || !isBefore(this.#folded, this.#journal.position)) return;
    this.#folding = this.#thread
      .fold(this.#journal.position)
      .then((report) => {
        this.#seen(report);
      })
      .catch((failure: unknown) => {
        const detail = failure instanceof Error && "detail" in failure ? String(failure.detail) : String(failure);
        this.#log("error", "the journal could not be folded; it is kept and tried again", { detail });
      })
      .finally(() => {
        this.#folding = undefined;
      });
  }

  #seen(report: FoldReport): void {
    if (isBefore(this.#folded, report.position)) this.#folded = report.position;
    this.#journal.release(report.oldest);
    if (report.strayEnds > 0) this.#log("warn", "settlements without an open hold were left out", { count: report.strayEnds });
  }
}
