import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { Fault } from "../../../src/faults.ts";
import type { FoldReport } from "../../../src/storage/fold.ts";
import { FileJournal } from "../../../src/storage/journal-file.ts";
import type { Position } from "../../../src/storage/journal-segments.ts";
import { SqliteLedger } from "../../../src/storage/sqlite-ledger.ts";
import { hold, temporaryFolder, VirtualClock } from "./fixtures/world.ts";

function open() {
  const clock = new VirtualClock();
  const journal = new FileJournal({ dir: temporaryFolder(), clock, fsync: false, segment: 1 });
  const folds: {
    until: Position;
    answer: PromiseWithResolvers<FoldReport>;
  }[] = [];
  const thread = {
    fold: (until: Position) => {
      const answer = Promise.withResolvers<FoldReport>();
      folds.push({ until, answer });
      return answer.promise;
    },
    query: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
  const logged: string[] = [];
  const ledger = new SqliteLedger({
    journal,
    thread,
    clock,
    log: (level, message, fields) => logged.push(`${level} ${message} ${JSON.stringify(fields)}`),
  });
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 10; n += 1) await Promise.resolve();
  };
  return { clock, journal, folds, ledger, logged, settle };
}

describe("the ledger", () => {
  it("folds at intervals, only what is new, one fold at a time, and tries again after a failure", async () => {
    const { clock, journal, folds, logged, settle } = open();
    clock.pass(BOUNDS.foldMs * 3);
    expect(folds).toHaveLength(0);
    journal.append(hold(1));
    journal.flush();
    clock.pass(BOUNDS.foldMs);
    clock.pass(BOUNDS.foldMs);
    expect(folds).toHaveLength(1);
    folds[0]?.answer.reject(new Fault("ledger_unavailable", { detail: "disk full" }));
    await settle();
    expect(logged).toEqual([expect.stringContaining("disk full")]);
    clock.pass(BOUNDS.foldMs);
    expect(folds).toHaveLength(2);
    folds[1]?.answer.resolve({ position: journal.position, settled: 0, strayEnds: 2, oldest: 1, charged: [] });
    await settle();
    expect(logged[1]).toContain('{"count":2}');
    clock.pass(BOUNDS.foldMs * 5);
    expect(folds).toHaveLength(2);
  });

  it("folds what this very turn appended before it answers", () => {
    const { journal, folds, ledger } = open();
    journal.append(hold(1));
    void ledger.fold();
    expect(folds[0]?.until.offset).toBeGreaterThan(0);
    expect(folds[0]?.until).toEqual(journal.position);
  });

  it("folds the rest and stops its timer when it closes", async () => {
    const { clock, journal, folds, ledger, settle } = open();
    journal.append(hold(1));
    journal.flush();
    const closed = ledger.close();
    await settle();
    expect(folds).toHaveLength(1);
    folds[0]?.answer.resolve({ position: journal.position, settled: 0, strayEnds: 0, oldest: 1, charged: [] });
    await closed;
    clock.pass(BOUNDS.foldMs * 2);
    expect(folds).toHaveLength(1);
  });
});
