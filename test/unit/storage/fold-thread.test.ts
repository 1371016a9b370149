import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { Fault } from "../../../src/faults.ts";
import { journalFolder, openDatabase } from "../../../src/storage/database.ts";
import { FoldThread } from "../../../src/storage/fold-thread.ts";
import { insertStatement, migrate } from "../../../src/storage/schema.ts";
import { settlement } from "../../../src/storage/tables.ts";
import { temporaryFolder } from "./fixtures/world.ts";

const START = { segment: 1, offset: 0 };

describe("the folding thread", () => {
  it("reports its own death as a fault, starts again, and holds no more questions than the bound", async () => {
    const dir = temporaryFolder();
    const thread = new FoldThread({ dir, insertSettlement: insertStatement(settlement) });
    // Without its tables the thread dies as it starts.
    await expect(thread.fold(START)).rejects.toMatchObject({ fault: "ledger_unavailable" });
    mkdirSync(journalFolder(dir));
    const database = openDatabase(dir);
    migrate(database);
    database.close();
    expect(await thread.fold(START)).toEqual({ position: START, settled: 0, strayEnds: 0, oldest: 1, charged: [] });
    expect(await thread.query(START, { sql: "select ?, 'x'", params: [7] })).toEqual([[7, "x"]]);
    await expect(thread.query(START, { sql: "nonsense", params: [] })).rejects.toMatchObject({ fault: "ledger_unavailable" });
    const many = Array.from({ length: BOUNDS.ledgerQueriesMax + 1 }, () =>
      thread.fold(START).then(
        () => "folded",
        (failure: unknown) => (failure instanceof Fault ? failure.fault : "another failure"),
      ),
    );
    expect(new Set((await Promise.all(many)).slice(0, -1))).toEqual(new Set(["folded"]));
    expect(await many.at(-1)).toBe("overloaded");
    await thread.close();
    await expect(thread.fold(START)).rejects.toMatchObject({ fault: "ledger_unavailable" });
  });
});
