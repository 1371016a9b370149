import { describe, expect, it } from "vitest";
import { ObjectJournal } from "../../../../src/storage/object/journal.ts";
import { forgetOldMonths, readStanding, sentUntil, unsent } from "../../../../src/storage/object/standing.ts";
import { AT_MS, end, hold } from "../fixtures/world.ts";
import { memorySql } from "../fixtures/sqlites.ts";

function objectWith(...records: readonly Parameters<ObjectJournal["append"]>[0][]) {
  const sql = memorySql();
  const journal = new ObjectJournal(sql);
  for (const record of records) journal.append(record);
  return sql;
}

describe("what an object finds when it wakes", () => {
  it("is the last minute's grants: what ended at what it kept, what is open at what it reserved", () => {
    const sql = objectWith(hold(1, { atMs: AT_MS - 1 }), end(1), hold(2, { atMs: AT_MS - 2 }), hold(3, { atMs: AT_MS - 60_000 }), end(3));
    const { granted } = readStanding(sql, { fromMs: AT_MS - 60_000, nowMs: AT_MS });
    const { usage } = end(1);
    const ofKeys = granted.filter(({ scope }) => scope === "key");
    expect(ofKeys).toEqual([
      { scope: "key", id: hold(1).key, atMs: AT_MS - 1, requests: 1, tokens: usage.promptTokens + usage.completionTokens },
      { scope: "key", id: hold(2).key, atMs: AT_MS - 2, requests: 1, tokens: hold(2).tokens },
    ]);
    expect(granted).toHaveLength(8);
  });

  it("is what was spent this month, handed over or not", () => {
    const sql = objectWith(hold(1), end(1, { amount: 30 }));
    const month = new Date(AT_MS).toISOString().slice(0, 7);
    sql.exec("insert into spent (scope, id, month, amount) values ('key', 'k1', ?, 5), ('key', 'k1', '2020-01', 7)", month);
    const { spent } = readStanding(sql, { fromMs: AT_MS, nowMs: AT_MS });
    const keys = spent.filter(({ scope }) => scope === "key");
    expect(keys.map(({ amount }) => amount)).toEqual([5, 30]);
    forgetOldMonths(sql, AT_MS);
    expect(sql.exec("select month from spent").toArray()).toEqual([{ month }]);
  });

  it("says what has not gone, oldest first and no more than is asked for", () => {
    const sql = objectWith(hold(1), hold(2), hold(3), end(2), end(1), end(3));
    expect(unsent(sql, 2).map((each) => each.hold.request)).toEqual([hold(2).request, hold(1).request]);
    sql.exec("insert into cursor (id, position) values (1, 2)");
    expect([sentUntil(sql), unsent(sql, 9).map(({ position }) => position)]).toEqual([2, [3]]);
  });
});
