/** The journal of a gate that is a Durable Object: rows in its own SQLite, durable before anything that the object says can be heard. */
import type { RequestId } from "../../domain/ids.ts";
import type { HoldRecord, Journal, JournalRecord } from "../../ports.ts";
import { encodeRecord } from "../journal-record.ts";
import { OBJECT_TABLES, type ObjectSql } from "./sql.ts";

export class ObjectJournal implements Journal {
  readonly #sql: ObjectSql;

  constructor(sql: ObjectSql) {
    this.#sql = sql;
    for (const statement of OBJECT_TABLES) sql.exec(statement);
  }

  /** An end without a hold changes nothing: its request has been settled. */
  append(record: JournalRecord): void {
    const line = encodeRecord(record);
    if (record.kind === "hold") this.#hold(record, line);
    else if (record.kind === "mark") this.#sql.exec("update hold set mark = ? where request = ?", line, record.request);
    else this.#end(record.request, line);
  }

  /** The platform holds back every answer of the object until what was written before it is safe. */
  durable(): Promise<void> {
    return Promise.resolve();
  }

  /** Whether this request has been admitted and not ended. */
  isOpen(request: RequestId): boolean {
    return this.#sql.exec("select 1 from hold where request = ?", request).toArray().length > 0;
  }

  #hold({ request }: HoldRecord, line: string): void {
    this.#sql.exec("insert into hold (request, hold) values (?, ?)", request, line);
  }

  #end(request: RequestId, line: string): void {
    this.#sql.exec(
      `insert into ended (opened_at_ms, hold, "end") select json_extract(hold, '$[13]'), hold, ? from hold where request = ?`,
      line,
      request,
    );
    this.#sql.exec("delete from hold where request = ?", request);
  }
}
