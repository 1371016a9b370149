/** One gate on a clock moved by hand and a journal in memory: what each case of the contract starts from. */
import type { Admission, Clock, Gate, Granted, Journal, Spent } from "../../../src/ports.ts";
import { HandClock, MemoryJournal } from "../../unit/gate/fixtures.ts";

/** What a gate finds when it starts. */
export interface Past {
  readonly spent: readonly Spent[];
  readonly granted: readonly Granted[];
}

export type MakeGate = (journal: Journal, clock: Clock, past: Past) => Gate;

export interface Bench {
  readonly gate: Gate;
  readonly clock: HandClock;
  readonly journal: MemoryJournal;
}

export function benchOf(make: MakeGate, past: Partial<Past> = {}, clock = new HandClock()): Bench {
  const journal = new MemoryJournal();
  return { clock, journal, gate: make(journal, clock, { spent: [], granted: [], ...past }) };
}

export function refused(admission: Admission): Extract<Admission, { ok: false }> {
  if (admission.ok) throw new Error("expected a refusal");
  return admission;
}

/** One checkpoint period, with the turns that its timers start. */
export async function pass(clock: HandClock): Promise<void> {
  clock.advance(1_000);
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
