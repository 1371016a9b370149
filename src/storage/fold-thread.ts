/** The process's end of the folding thread: starts it, asks it, and starts it again when it dies. */
import { Worker } from "node:worker_threads";
import { BOUNDS } from "../bounds.ts";
import { Fault } from "../faults.ts";
import type { Orphan } from "../ports.ts";
import type { FoldAnswer, FoldRequest, FoldSettings } from "./fold-messages.ts";
import type { FoldReport } from "./fold.ts";
import type { Position } from "./journal-segments.ts";
import type { Statement } from "./statement.ts";

/** A request without its number. */
type Question = FoldRequest extends infer R ? (R extends FoldRequest ? Omit<R, "id"> : never) : never;

export class FoldThread {
  readonly #settings: FoldSettings;
  readonly #asked = new Map<number, PromiseWithResolvers<FoldAnswer>>();
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;

  constructor(settings: FoldSettings) {
    this.#settings = settings;
  }

  /** Resolves when everything before `until` is in the tables. @throws Fault ledger_unavailable */
  async fold(until: Position, lane?: number): Promise<FoldReport> {
    const answer = await this.#ask({ kind: "fold", until, lane });
    if (answer.kind !== "fold") throw unexpected(answer);
    return answer.report;
  }

  /** Folds up to `until`, then tells which holds are open there, oldest first. @throws Fault ledger_unavailable */
  async orphans(until: Position, lane?: number): Promise<readonly Orphan[]> {
    const answer = await this.#ask({ kind: "orphans", until, lane });
    if (answer.kind !== "orphans") throw unexpected(answer);
    return answer.orphans;
  }

  /** Folds up to `until`, then gives the statement's rows as lists. @throws Fault ledger_unavailable, overloaded */
  async query(until: Position, statement: Statement, lane?: number): Promise<readonly unknown[]> {
    const answer = await this.#ask({ kind: "query", until, lane, statement });
    if (answer.kind !== "query") throw unexpected(answer);
    return answer.rows;
  }

  /** Ends the thread; the database is closed when this resolves. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (this.#closed || worker === undefined) {
      this.#closed = true;
      return;
    }
    const exited = new Promise<void>((resolve) =>
      worker.once("exit", () => {
        resolve();
      }),
    );
    await this.#ask({ kind: "close" }).catch(() => worker.terminate());
    this.#closed = true;
    await exited;
  }

  #ask(question: Question): Promise<FoldAnswer> {
    if (this.#closed) return Promise.reject(new Fault("ledger_unavailable", { detail: "the ledger is closed" }));
    if (this.#asked.size >= BOUNDS.ledgerQueriesMax && question.kind !== "close")
      return Promise.reject(new Fault("overloaded", { detail: "too many ledger queries" }));
    this.#worker ??= this.#start();
    const id = (this.#lastId += 1);
    const asked = Promise.withResolvers<FoldAnswer>();
    this.#asked.set(id, asked);
    this.#worker.ref();
    this.#worker.postMessage({ ...question, id });
    return asked.promise;
  }

  #start(): Worker {
    // The thread's file has this file's own extension: .ts in a checkout, .js in the packed package.
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
    const worker = new Worker(new URL(`./fold-worker${extension}`, import.meta.url), { workerData: this.#settings });
    worker.on("message", (answer: FoldAnswer) => {
      this.#answered(worker, answer);
    });
    worker.on("error", (failure) => {
      this.#died(worker, failure);
    });
    worker.on("exit", (code) => {
      this.#died(worker, new Error(`the folding thread ended with code ${code}`));
    });
    return worker;
  }

  #answered(worker: Worker, answer: FoldAnswer): void {
    const asked = this.#asked.get(answer.id);
    this.#asked.delete(answer.id);
    // Waiting for nothing, the thread must not keep the process alive.
    if (this.#asked.size === 0 && answer.kind !== "closed") worker.unref();
    if (answer.kind === "failed") asked?.reject(new Fault("ledger_unavailable", { detail: answer.message }));
    else asked?.resolve(answer);
  }

  #died(worker: Worker, failure: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const detail = `folding thread: ${failure instanceof Error ? failure.message : String(failure)}`;
    for (const asked of this.#asked.values()) asked.reject(new Fault("ledger_unavailable", { detail, cause: failure }));
    this.#asked.clear();
  }
}

function unexpected(answer: FoldAnswer): Error {
  return new Error(`the folding thread answered ${answer.kind} to another question`);
}
