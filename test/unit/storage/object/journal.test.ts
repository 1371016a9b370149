import { describe, expect, it } from "vitest";
import { ObjectJournal } from "../../../../src/storage/object/journal.ts";
import { readStanding } from "../../../../src/storage/object/standing.ts";
import { AT_MS, end, hold, mark } from "../fixtures/world.ts";
import { memorySql } from "../fixtures/sqlites.ts";

const MINUTE = { fromMs: AT_MS - 60_000, nowMs: AT_MS };

describe("ObjectJournal", () => {
  it("keeps what is open, with its last mark, through another life", () => {
    const sql = memorySql();
    const journal = new ObjectJournal(sql);
    for (const record of [hold(1), hold(2), mark(1), end(2)]) journal.append(record);
    new ObjectJournal(sql);
    expect(readStanding(sql, MINUTE).orphans).toEqual([{ hold: hold(1), mark: mark(1) }]);
    expect([journal.isOpen(hold(1).request), journal.isOpen(hold(2).request)]).toEqual([true, false]);
  });

  it("takes one end for a hold, and none without", () => {
    const sql = memorySql();
    const journal = new ObjectJournal(sql);
    for (const record of [hold(1), end(1), end(1), end(3)]) journal.append(record);
    expect(sql.exec("select count(*) as n from ended").toArray()).toEqual([{ n: 1 }]);
  });

  it("refuses a number that could not be read back, and a hold that is there", () => {
    const journal = new ObjectJournal(memorySql());
    expect(() => journal.append(hold(1, { amount: 0.5 }))).toThrow(RangeError);
    journal.append(hold(1));
    expect(() => journal.append(hold(1))).toThrow();
  });

  it("is durable when the platform says so, which is not asked here", async () => {
    await expect(new ObjectJournal(memorySql()).durable()).resolves.toBeUndefined();
  });
});
