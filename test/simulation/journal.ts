/** A journal in memory that fails as disks do, and what a process finds on the disk after its predecessor died. */
import { Fault } from "../../src/faults.ts";
import type { Journal, JournalRecord, HoldRecord, MarkRecord, Orphan } from "../../src/ports.ts";
import type { Agenda, Owner } from "./agenda.ts";
import type { Chance } from "./chance.ts";

/** What outlives a process. */
export class Disk {
  /** Whole batches only: a torn one is cut off when the journal is opened. */
  readonly records: JournalRecord[] = [];
  /** A batch whose write failed half-way: it may be whole on the disk, until the journal cuts it off. */
  torn: readonly JournalRecord[] = [];
  /** Writes fail. */
  failing = false;
  /** Nothing is taken at all. */
  refusing = false;
  /** Milliseconds that a write takes at most; 0: it is done within its turn. */
  writeMsMax = 0;

  /** Holds without an end, each with its last mark. */
  orphans(): readonly Orphan[] {
    const holds = new Map<string, HoldRecord>();
    const marks = new Map<string, MarkRecord>();
    for (const record of this.records) {
      if (record.kind === "hold") holds.set(record.request, record);
      else if (record.kind === "mark") marks.set(record.request, record);
      else holds.delete(record.request);
    }
    return [...holds.values()].map((hold) => ({ hold, mark: marks.get(hold.request) }));
  }
}

interface Batch {
  readonly records: readonly JournalRecord[];
  readonly written: PromiseWithResolvers<void>;
}

/** One process's handle on the disk. */
export class SimJournal implements Journal {
  readonly #disk: Disk;
  readonly #agenda: Agenda;
  readonly #owner: Owner;
  readonly #chance: Chance;
  #queue: JournalRecord[] = [];
  #waiting: PromiseWithResolvers<void> | undefined;
  #armed = false;
  /** On their way, in order. */
  #underway: Batch[] = [];

  constructor(disk: Disk, { agenda, owner, chance }: { agenda: Agenda; owner: Owner; chance: Chance }) {
    this.#disk = disk;
    this.#agenda = agenda;
    this.#owner = owner;
    this.#chance = chance;
  }

  append(record: JournalRecord): void {
    if (this.#disk.refusing) throw unavailable();
    if (this.#disk.failing && record.kind === "hold") throw unavailable();
    this.#queue.push(record);
    this.#arm();
  }

  durable(): Promise<void> {
    if (this.#queue.length === 0) return this.#underway.at(-1)?.written.promise ?? Promise.resolve();
    this.#arm();
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Nothing is queued or on its way. */
  get quiet(): boolean {
    return this.#queue.length === 0 && this.#underway.length === 0;
  }

  /** The process is killed: what was queued is gone, what was on its way is on the disk or not, in order. */
  die(): void {
    this.#queue = [];
    for (const { records } of this.#underway) {
      if (this.#chance.hits(0.5)) break;
      this.#disk.records.push(...records);
    }
    this.#underway = [];
    if (this.#chance.hits(0.5)) this.#disk.records.push(...this.#disk.torn);
    this.#disk.torn = [];
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#agenda.turn(this.#owner, () => {
      this.#armed = false;
      this.#write();
    });
  }

  #write(): void {
    const records = this.#queue;
    if (records.length === 0) return;
    const written = this.#waiting ?? Promise.withResolvers<void>();
    written.promise.catch(() => undefined);
    this.#waiting = undefined;
    if (this.#disk.failing) {
      this.#disk.torn = records;
      this.#queue = records.filter(({ kind }) => kind === "end");
      written.reject(unavailable());
      return;
    }
    this.#queue = [];
    this.#disk.torn = [];
    this.#underway.push({ records, written });
    if (this.#underway.length > 1) return;
    if (this.#disk.writeMsMax === 0) this.#land();
    else this.#agenda.after(this.#chance.between(0, this.#disk.writeMsMax), this.#owner, () => this.#land());
  }

  #land(): void {
    for (const { records, written } of this.#underway.splice(0)) {
      this.#disk.records.push(...records);
      written.resolve();
    }
  }
}

function unavailable(): Fault {
  return new Fault("ledger_unavailable", { detail: "the simulated disk fails" });
}
