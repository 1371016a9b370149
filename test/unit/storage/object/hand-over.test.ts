import { describe, expect, it } from "vitest";
import { settlementsInto } from "../../../../src/storage/d1/settlements.ts";
import { HandOver, type SettlementRow } from "../../../../src/storage/object/hand-over.ts";
import { ObjectJournal } from "../../../../src/storage/object/journal.ts";
import { AT_MS, end, hold } from "../fixtures/world.ts";
import { memorySql, MemoryD1 } from "../fixtures/sqlites.ts";

function setup() {
  const sql = memorySql();
  const journal = new ObjectJournal(sql);
  const d1 = new MemoryD1();
  const into = settlementsInto(d1);
  const rows = (): unknown[] =>
    d1.database.prepare("select tenant, sequence, request, amount from settlement order by position").raw().all();
  const settle = (n: number, over: Parameters<typeof hold>[1] = {}): void => {
    journal.append(hold(n, over));
    journal.append(end(n, { amount: n }));
  };
  return { sql, d1, into, rows, settle };
}

describe("HandOver", () => {
  it("numbers each tenant's settlements without a gap, over many rounds", async () => {
    const { sql, into, rows, settle } = setup();
    const going = new HandOver(sql, into);
    settle(1);
    settle(2, { tenant: hold(1, {}).tenant });
    await going.run();
    settle(3);
    await new HandOver(sql, into).run();
    expect(rows()).toEqual([1, 2, 3].map((n) => [hold(1).tenant, n, hold(n).request, n]));
  });

  it("sends again what it does not know to have arrived, and nothing counts twice", async () => {
    const { sql, into, rows, settle } = setup();
    let lost = true;
    const losing = async (given: readonly SettlementRow[]): Promise<void> => {
      await into(given);
      if (lost) throw new Error("the answer got lost");
    };
    const going = new HandOver(sql, losing);
    settle(1);
    await expect(going.run()).rejects.toThrow("lost");
    settle(2);
    lost = false;
    await going.run();
    expect(rows()).toHaveLength(2);
    expect(sql.exec("select amount from spent where scope = 'key'").toArray()).toEqual([{ amount: 3 }]);
    expect(sql.exec("select last from sequence").toArray()).toEqual([{ last: 2 }]);
  });

  it("goes one at a time: what two ask for at once is carried once", async () => {
    const { sql, into, rows, settle } = setup();
    let calls = 0;
    const going = new HandOver(sql, async (given) => {
      calls += 1;
      await into(given);
    });
    for (let n = 1; n <= 700; n += 1) settle(n);
    await Promise.all([going.run(), going.run()]);
    expect([calls, rows().length]).toEqual([2, 700]);
  });

  it("stops at a sequence number that is taken: a broken ledger is loud", async () => {
    const { sql, into, d1, settle } = setup();
    settle(1);
    await new HandOver(sql, into).run();
    sql.exec("delete from sequence");
    settle(2);
    await expect(new HandOver(sql, into).run()).rejects.toThrow(/UNIQUE/);
    expect(d1.database.prepare("select count(*) from settlement").pluck().get()).toBe(1);
  });

  it("forgets what has gone once its minute is past, and nothing before", async () => {
    const { sql, into, settle } = setup();
    const going = new HandOver(sql, into);
    settle(1);
    expect(going.tidy(AT_MS + 1)).toBe(false);
    await going.run();
    expect(going.tidy(AT_MS - 1)).toBe(false);
    expect(going.tidy(AT_MS + 60_000)).toBe(true);
  });
});
