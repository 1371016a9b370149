import { describe, expect, it } from "vitest";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { LocalGate } from "../../../src/gate/local.ts";
import { recover } from "../../../src/gate/recover.ts";
import { claimBy, HandClock, MemoryJournal, principalOf, START_MS, usageOf } from "./fixtures.ts";

async function crashAfterMark(amount: number) {
  const clock = new HandClock();
  const journal = new MemoryJournal();
  const gate = new LocalGate(journal, clock, []);
  const marked = claimBy(principalOf());
  const silent = claimBy(principalOf());
  await gate.open(marked);
  await gate.open(silent);
  gate.checkpoint(marked.request, usageOf(40, 7), amount);
  clock.advance(1_000);
  await journal.durable();
  return { journal, marked, silent };
}

describe("recover", () => {
  it("settles what has a mark at its mark, and what has none at nothing", async () => {
    const { journal, marked, silent } = await crashAfterMark(300);
    const spent = await recover(journal.crash(), journal, START_MS + 9_000);
    const ends = journal.records.filter(({ kind }) => kind === "end");
    expect(ends).toEqual([
      expect.objectContaining({
        request: marked.request,
        outcome: "crashed",
        usage: usageOf(40, 7),
        amount: 300,
        status: 200,
        atMs: START_MS + 9_000,
      }),
      expect.objectContaining({ request: silent.request, outcome: "crashed", usage: NO_USAGE, amount: 0, status: 500 }),
    ]);
    expect(spent).toEqual(
      (["key", "project", "tenant", "msp"] as const).map((scope) => ({ scope, id: `${scope}-1`, month: "2026-11", amount: 300 })),
    );
  });

  it("settles once, also when it is itself interrupted or shown an orphan twice", async () => {
    const { journal } = await crashAfterMark(300);
    const orphans = journal.crash();
    await recover([...orphans, ...orphans], journal, START_MS);
    expect(journal.records.filter(({ kind }) => kind === "end")).toHaveLength(2);
    expect(journal.crash()).toEqual([]);
  });

  it("charges no more than was held, whatever the mark says", async () => {
    const { journal, marked } = await crashAfterMark(300);
    const orphans = journal
      .crash()
      .map((orphan) => (orphan.mark === undefined ? orphan : { ...orphan, mark: { ...orphan.mark, amount: 9_999 } }));
    await recover(orphans, journal, START_MS);
    expect(journal.records).toContainEqual(expect.objectContaining({ kind: "end", request: marked.request, amount: 1_000 }));
  });

  it("says when the journal cannot write", async () => {
    const { journal } = await crashAfterMark(1);
    const orphans = journal.crash();
    journal.writeFails = true;
    await expect(recover(orphans, journal, START_MS)).rejects.toMatchObject({ fault: "ledger_unavailable" });
  });
});
