/** The rows that many settlements share, sequence numbers and month totals: read once and written once per transaction. */
import type { Database, Statement } from "better-sqlite3";
import type { TenantId } from "../domain/ids.ts";
import { SCOPES } from "../ports.ts";
import type { HoldRecord, Scope, Spent } from "../ports.ts";
import { monthAt } from "./month.ts";
import type { Month } from "./month.ts";

/** Micro-units by id, for each scope, of one month. */
interface Charges {
  readonly month: Month;
  readonly amounts: Readonly<Record<Scope, Map<string, number>>>;
}

export class FoldTotals {
  readonly #lastOf: Statement;
  readonly #setLast: Statement;
  readonly #add: Statement;
  /** Both are empty between transactions. */
  readonly #sequences = new Map<TenantId, number>();
  readonly #months = new Map<string, Charges>();
  /** Nearly every hold is of the same month as the one before. */
  #current: Charges | undefined;

  constructor(database: Database) {
    this.#lastOf = database.prepare("select last from sequence where tenant = ?").pluck();
    this.#setLast = database.prepare(
      "insert into sequence (tenant, last) values (?, ?) on conflict (tenant) do update set last = excluded.last",
    );
    this.#add = database.prepare(
      "insert into spent (scope, id, month, amount) values (?, ?, ?, ?) on conflict (scope, id, month) do update set amount = amount + excluded.amount",
    );
  }

  /** The number that the tenant's next settlement gets, from 1, without gaps. */
  nextSequence(tenant: TenantId): number {
    return (this.#sequences.get(tenant) ?? Number(this.#lastOf.get(tenant) ?? 0)) + 1;
  }

  /** Takes the number, and counts the amount to all four scopes of the hold, in the month in which the hold was opened. */
  settled(hold: HoldRecord, amount: number, sequence: number): void {
    this.#sequences.set(hold.tenant, sequence);
    if (amount === 0) return;
    const { amounts } = this.#chargesOf(hold.atMs);
    for (const scope of SCOPES) amounts[scope].set(hold[scope], (amounts[scope].get(hold[scope]) ?? 0) + amount);
  }

  /** The charges that the next write will add. */
  gathered(): Spent[] {
    return [...this.#months.values()].flatMap(({ month, amounts }) =>
      SCOPES.flatMap((scope) => Array.from(amounts[scope], ([id, amount]) => ({ scope, id, month: month.name, amount }))),
    );
  }

  /** Writes what was gathered and forgets it; inside the transaction of the settlements. */
  write(): void {
    for (const [tenant, last] of this.#sequences) this.#setLast.run(tenant, last);
    for (const { month, amounts } of this.#months.values()) {
      for (const scope of SCOPES) for (const [id, amount] of amounts[scope]) this.#add.run(scope, id, month.name, amount);
    }
    this.reset();
  }

  /** Forgets what a failed transaction had gathered. */
  reset(): void {
    this.#sequences.clear();
    this.#months.clear();
    this.#current = undefined;
  }

  #chargesOf(atMs: number): Charges {
    const current = this.#current;
    if (current !== undefined && atMs >= current.month.fromMs && atMs < current.month.untilMs) return current;
    const month = monthAt(atMs);
    const charges = this.#months.get(month.name) ?? {
      month,
      amounts: { key: new Map(), project: new Map(), tenant: new Map(), msp: new Map() },
    };
    this.#months.set(month.name, charges);
    this.#current = charges;
    return charges;
  }
}
