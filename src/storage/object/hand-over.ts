/**
 * Carries settlements from the object to the shared tables: the rows go first, then, in one turn, the object notes that they went and what
 * they add up to. Whatever dies in between, the same rows go again with the same numbers, and a row that is there already stays as it is.
 */
import { BOUNDS } from "../../bounds.ts";
import type { ObjectSql, SqlValue } from "./sql.ts";
import { sentUntil, spentBy, unsent, type Ended } from "./standing.ts";

/** One settlement as the columns of the settlement table have it, from `tenant` on. */
export type SettlementRow = readonly SqlValue[];

/** Adds those that are not there yet. @throws when it is not known whether all of them are */
export type TakeSettlements = (rows: readonly SettlementRow[]) => Promise<void>;

export class HandOver {
  readonly #sql: ObjectSql;
  readonly #take: TakeSettlements;
  #going: Promise<void> = Promise.resolve();

  constructor(sql: ObjectSql, take: TakeSettlements) {
    this.#sql = sql;
    this.#take = take;
  }

  /** Resolves when everything that had ended is in the shared tables. One at a time: two would give the same sequence numbers. @throws what `take` throws */
  run(): Promise<void> {
    const next = this.#going.catch(() => undefined).then(() => this.#all());
    this.#going = next;
    return next;
  }

  /** Forgets what nobody needs any more. True: nothing is left. @param untilMs end of the minute that windows no longer count, Unix time */
  tidy(untilMs: number): boolean {
    this.#sql.exec("delete from ended where position <= ? and opened_at_ms <= ?", sentUntil(this.#sql), untilMs);
    return this.#sql.exec("select 1 from ended limit 1").toArray().length === 0;
  }

  async #all(): Promise<void> {
    for (let ended = unsent(this.#sql, BOUNDS.handOverRowsMax); ended.length > 0; ended = unsent(this.#sql, BOUNDS.handOverRowsMax)) {
      const numbered = this.#number(ended);
      await this.#take(numbered.rows);
      this.#note(ended, numbered.last);
    }
  }

  /** Sequence numbers without gaps for each tenant, from the last one that was noted. */
  #number(ended: readonly Ended[]): { readonly rows: readonly SettlementRow[]; readonly last: ReadonlyMap<string, number> } {
    const last = new Map<string, number>();
    const rows = ended.map((each) => {
      const { tenant } = each.hold;
      const sequence = (last.get(tenant) ?? this.#lastOf(tenant)) + 1;
      last.set(tenant, sequence);
      return rowOf(each, sequence);
    });
    return { rows, last };
  }

  #lastOf(tenant: string): number {
    return Number(this.#sql.exec("select last from sequence where tenant = ?", tenant).toArray()[0]?.["last"] ?? 0);
  }

  /** Nothing waits in here: all of it is written together. */
  #note(ended: readonly Ended[], last: ReadonlyMap<string, number>): void {
    const sql = this.#sql;
    for (const [tenant, sequence] of last)
      sql.exec(
        "insert into sequence (tenant, last) values (?, ?) on conflict (tenant) do update set last = excluded.last",
        tenant,
        sequence,
      );
    for (const { scope, id, month, amount } of summed(ended))
      sql.exec(
        "insert into spent (scope, id, month, amount) values (?, ?, ?, ?) on conflict (scope, id, month) do update set amount = amount + excluded.amount",
        scope,
        id,
        month,
        amount,
      );
    const until = ended.at(-1)?.position ?? 0;
    sql.exec("insert into cursor (id, position) values (1, ?) on conflict (id) do update set position = excluded.position", until);
  }
}

function summed(ended: readonly Ended[]): readonly ReturnType<typeof spentBy>[number][] {
  const sums = new Map<string, ReturnType<typeof spentBy>[number]>();
  for (const each of ended.flatMap(({ hold, end }) => spentBy(hold, end.amount))) {
    const name = `${each.scope} ${each.month} ${each.id}`;
    sums.set(name, { ...each, amount: each.amount + (sums.get(name)?.amount ?? 0) });
  }
  return [...sums.values()];
}

/** The order of the columns in tables.ts. */
function rowOf({ hold, end }: Ended, sequence: number): SettlementRow {
  const { usage } = end;
  return [
    hold.tenant, sequence, hold.request, hold.msp, hold.project, hold.key, hold.model, hold.alias, hold.capability,
    usage.promptTokens, usage.cachedTokens, usage.completionTokens, usage.source,
    hold.amount, hold.tokens, end.amount, hold.currency, hold.priceVersion,
    end.outcome, end.status, end.backend ?? null, end.attempts, end.firstByteMs ?? null, end.durationMs, hold.atMs, end.atMs,
  ]; // prettier-ignore
}
