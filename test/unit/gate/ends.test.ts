import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { Ends } from "../../../src/gate/ends.ts";
import { endRecord } from "../../../src/gate/hold.ts";
import { claimBy, HandClock, MemoryJournal, principalOf, settlementOf } from "./fixtures.ts";

const end = () => endRecord(claimBy(principalOf()).request, settlementOf(), 1);

function fresh() {
  const clock = new HandClock();
  const journal = new MemoryJournal();
  return { clock, journal, ends: new Ends(journal, clock) };
}

/** Lets a turn's microtasks run. */
async function turn(): Promise<void> {
  for (let count = 0; count < 10; count += 1) await Promise.resolve();
}

describe("Ends", () => {
  it("writes once what can be written, and needs no timer for it", async () => {
    const { clock, journal, ends } = fresh();
    const both = [end(), end()];
    for (const one of both) ends.write(one);
    await turn();
    expect(journal.records).toEqual(both);
    expect([clock.timers, ends.refused]).toEqual([0, 0]);
  });

  it("offers again, in order, what was not taken", async () => {
    const { clock, journal, ends } = fresh();
    const all = [end(), end(), end()];
    journal.appendFails = true;
    for (const one of all) ends.write(one);
    clock.advance(BOUNDS.checkpointMs);
    await turn();
    expect([clock.timers, ends.refused]).toEqual([1, 3]);
    journal.appendFails = false;
    clock.advance(BOUNDS.checkpointMs);
    await turn();
    expect(journal.records).toEqual(all);
    expect([clock.timers, ends.refused]).toEqual([0, 0]);
  });

  it("asks again for what was taken and not written, and offers it no second time", async () => {
    const { clock, journal, ends } = fresh();
    const both = [end(), end()];
    journal.writeFails = true;
    for (const one of both) ends.write(one);
    await turn();
    for (let period = 0; period < 3; period += 1) {
      expect(clock.timers).toBe(1);
      clock.advance(BOUNDS.checkpointMs);
      await turn();
    }
    journal.writeFails = false;
    clock.advance(BOUNDS.checkpointMs);
    await turn();
    expect(journal.records).toEqual(both);
    expect(clock.timers).toBe(0);
  });
});
