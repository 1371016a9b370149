import { expect, it } from "vitest";
import { tenantId } from "../../../../src/domain/ids.ts";
import { Fault } from "../../../../src/faults.ts";
import { D1Ledger, settlementsInto } from "../../../../src/storage/d1/settlements.ts";
import { HandOver } from "../../../../src/storage/object/hand-over.ts";
import { ObjectJournal } from "../../../../src/storage/object/journal.ts";
import { ledgerContract } from "../../../contract/ledger.ts";
import { AT_MS } from "../fixtures/world.ts";
import { memorySql, MemoryD1 } from "../fixtures/sqlites.ts";

ledgerContract("D1 behind an object", async () => {
  const sql = memorySql();
  const d1 = new MemoryD1();
  const journal = new ObjectJournal(sql);
  const handOver = new HandOver(sql, settlementsInto(d1));
  return { journal, ledger: new D1Ledger(d1, () => handOver.run()), close: async () => void d1.database.close() };
});

it("says that it cannot know while D1 is away", async () => {
  const d1 = new MemoryD1();
  d1.fails = true;
  const query = {
    tenant: tenantId("t1"),
    startMs: AT_MS,
    endMs: AT_MS + 1,
    bucketMs: 1,
    projects: undefined,
    keys: undefined,
    models: undefined,
  };
  const asked = new D1Ledger(d1, async () => undefined).usage({ ...query, groupBy: [], capability: undefined });
  await expect(asked).rejects.toThrow(Fault);
  await expect(asked).rejects.toMatchObject({ fault: "ledger_unavailable" });
});
