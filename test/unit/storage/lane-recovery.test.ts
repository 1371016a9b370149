import { appendFileSync } from "node:fs";
import { expect, it } from "vitest";
import { journalFolder, openDatabase } from "../../../src/storage/database.ts";
import { FoldThread } from "../../../src/storage/fold-thread.ts";
import { FileJournal } from "../../../src/storage/journal-file.ts";
import { segmentPath } from "../../../src/storage/journal-segments.ts";
import { recoverLane, type LaneRecovery } from "../../../src/storage/lane-recovery.ts";
import { makeLane } from "../../../src/storage/lanes.ts";
import { insertStatement, migrate } from "../../../src/storage/schema.ts";
import { settlement } from "../../../src/storage/tables.ts";
import { end, hold, temporaryFolder, VirtualClock } from "./fixtures/world.ts";

it("cuts what was written half, settles what was open once, and says where to go on", async () => {
  const dir = temporaryFolder();
  const database = openDatabase(dir);
  migrate(database);
  const thread = new FoldThread({ dir, insertSettlement: insertStatement(settlement) });
  const folder = journalFolder(makeLane(dir, 3));
  const clock = new VirtualClock();
  const before = new FileJournal({ dir: folder, clock, fsync: false, segment: 1 });
  for (const record of [hold(1), end(1), hold(2)]) before.append(record);
  await before.close();
  appendFileSync(segmentPath(folder, 1), "half a batch");
  const said: string[] = [];
  const settled: string[] = [];
  const recovery: LaneRecovery = {
    dir,
    clock,
    fsync: false,
    database,
    thread,
    log: (level) => said.push(level),
    settle: (orphans, journal) => {
      for (const { hold: open } of orphans) {
        settled.push(open.request);
        journal.append({ ...end(2, { amount: 4, outcome: "crashed" }), request: open.request });
      }
      clock.endTurn();
      return Promise.resolve();
    },
  };
  const recovered = await recoverLane(3, recovery);
  expect([recovered.segment, recovered.oldest, said, settled]).toEqual([1, 1, ["warn"], ["r2"]]);
  expect(recovered.charged.filter(({ scope }) => scope === "key")).toEqual([
    { scope: "key", id: "k1", month: "2026-11", amount: 30 },
    { scope: "key", id: "k1", month: "2026-11", amount: 4 },
  ]);
  expect(await recoverLane(3, recovery)).toMatchObject({ orphans: [], charged: [] });
  expect(database.prepare("select count(*) from settlement").pluck().get()).toBe(2);
  await thread.close();
  database.close();
});
