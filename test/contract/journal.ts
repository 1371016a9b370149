/** What every Journal keeps, whatever it writes to. */
import { describe, expect, it } from "vitest";
import { keyId, requestId } from "../../src/domain/ids.ts";
import type { Journal, JournalRecord } from "../../src/ports.ts";
import { end, hold, mark } from "../unit/storage/fixtures/world.ts";

export interface JournalSubject {
  readonly journal: Journal;
  /** Ends the event-loop turn, and lets what it started on a disk or a wire finish. */
  endTurn(): Promise<void>;
  /** Everything durable, read back from the store itself. */
  stored(): Promise<readonly JournalRecord[]>;
}

export function journalContract(name: string, open: () => Promise<JournalSubject>): void {
  describe(`journal contract: ${name}`, () => {
    it("gives back every record as it was, in order", async () => {
      const { journal, endTurn, stored } = await open();
      const records = [hold(1), mark(1), end(1), hold(2, { model: hold(1).model }), end(2, { backend: undefined, firstByteMs: undefined })];
      for (const record of records) journal.append(record);
      const durable = journal.durable();
      await endTurn();
      await durable;
      expect(await stored()).toEqual(records);
    });

    it("keeps any text apart from its frame", async () => {
      const { journal, endTurn, stored } = await open();
      const odd = hold(1, { request: requestId('a"\n\t\\,]'), key: keyId("ключ 🔑"), priceVersion: "\u0000\u2028" });
      journal.append(odd);
      const durable = journal.durable();
      await endTurn();
      await durable;
      expect(await stored()).toEqual([odd]);
    });

    it("is durable at once when nothing waits", async () => {
      const { journal } = await open();
      await expect(journal.durable()).resolves.toBeUndefined();
    });

    it("resolves nothing before the turn ends, and all of a turn together", async () => {
      const { journal, endTurn, stored } = await open();
      let done = 0;
      journal.append(hold(1));
      const first = journal.durable().then(() => (done += 1));
      journal.append(hold(2));
      const second = journal.durable().then(() => (done += 1));
      await Promise.resolve();
      expect(done).toBe(0);
      await endTurn();
      await Promise.all([first, second]);
      expect(await stored()).toHaveLength(2);
    });

    it("refuses a number that could not be read back", async () => {
      const { journal } = await open();
      expect(() => {
        journal.append(hold(1, { amount: 0.5 }));
      }).toThrow(RangeError);
      expect(() => {
        journal.append(end(1, { durationMs: Number.NaN }));
      }).toThrow(RangeError);
    });
  });
}
