import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { Hold } from "../../../src/gate/hold.ts";
import { Marks } from "../../../src/gate/marks.ts";
import { claimBy, HandClock, MemoryJournal, principalOf } from "./fixtures.ts";

function fresh() {
  const clock = new HandClock();
  const journal = new MemoryJournal();
  const holds = [1, 2, 3].map(() => new Hold(claimBy(principalOf()), 0, 0));
  return { clock, journal, holds, marks: new Marks(journal, clock) };
}

async function written(journal: MemoryJournal): Promise<readonly string[]> {
  await journal.durable();
  return journal.records.map(({ request }) => request);
}

describe("Marks", () => {
  it("writes one mark a period for each hold that moved, on one timer for all", async () => {
    const { clock, journal, holds, marks } = fresh();
    for (const hold of [...holds, ...holds]) marks.note(hold);
    expect(clock.timers).toBe(1);
    expect(await written(journal)).toEqual([]);
    clock.advance(BOUNDS.checkpointMs);
    expect(await written(journal)).toEqual(holds.map(({ request }) => request));
    expect(clock.timers).toBe(0);
  });

  it("skips what has ended, and repeats what could not be written", async () => {
    const { clock, journal, holds, marks } = fresh();
    for (const hold of holds) marks.note(hold);
    const [ended, ...running] = holds;
    if (ended !== undefined) ended.unmarked = false;
    journal.appendFails = true;
    clock.advance(BOUNDS.checkpointMs);
    journal.appendFails = false;
    clock.advance(BOUNDS.checkpointMs);
    expect(await written(journal)).toEqual(running.map(({ request }) => request));
  });
});
