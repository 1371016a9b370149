/** Settlements on their way into D1, and out of it as usage. */
import { getTableConfig } from "drizzle-orm/sqlite-core";
import { Fault } from "../../faults.ts";
import type { Ledger, UsageQuery, UsageRow } from "../../ports.ts";
import type { SettlementRow, TakeSettlements } from "../object/hand-over.ts";
import { settlement } from "../tables.ts";
import { usageRows, usageStatement } from "../usage.ts";
import type { D1 } from "./database.ts";

/** One parameter however many rows there are: D1 takes a hundred in all. */
function insertAll(): string {
  const { name, columns } = getTableConfig(settlement);
  const given = columns.filter(({ primary }) => !primary).map((column) => `"${column.name}"`);
  const cells = given.map((_, index) => `json_extract(value, '$[${index}]')`);
  // The request alone may be there already; a sequence number given twice is a broken ledger, and stops.
  return `insert into "${name}" (${given.join(", ")}) select ${cells.join(", ")} from json_each(?) where true on conflict (request) do nothing`;
}

/** Adds rows that are not there yet. */
export function settlementsInto(database: D1): TakeSettlements {
  const statement = insertAll();
  return async (rows: readonly SettlementRow[]) => void (await database.prepare(statement).bind(JSON.stringify(rows)).run());
}

export class D1Ledger implements Ledger {
  readonly #database: D1;
  readonly #handOver: (tenant: UsageQuery["tenant"]) => Promise<void>;

  /** @param handOver resolves when all that a tenant's requests have settled is in the tables */
  constructor(database: D1, handOver: (tenant: UsageQuery["tenant"]) => Promise<void>) {
    this.#database = database;
    this.#handOver = handOver;
  }

  /** As usageStatement says. @throws Fault ledger_unavailable, invalid_value */
  async usage(query: UsageQuery): Promise<readonly UsageRow[]> {
    const { sql, params } = usageStatement(query);
    let rows: unknown[][];
    try {
      await this.#handOver(query.tenant);
      rows = await this.#database
        .prepare(sql)
        .bind(...params)
        .raw();
    } catch (cause) {
      throw cause instanceof Fault ? cause : new Fault("ledger_unavailable", { cause, detail: String(cause) });
    }
    return usageRows(rows);
  }
}
