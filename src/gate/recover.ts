/** Settles what a dead process left open: each request once, at what its last mark says. */
import { Calendar, textOfMonth } from "../admission/month.ts";
import type { MicroUnits } from "../domain/money.ts";
import { NO_USAGE, type Usage } from "../domain/usage.ts";
import type { HoldRecord, Journal, Orphan, Scope, Settlement, Spent } from "../ports.ts";
import { endRecord } from "./hold.ts";

/** The end of a request of which nobody is left to tell. It had been answering if it had a mark; how long it ran is not known. */
export function crashed(used: { readonly usage: Usage; readonly amount: MicroUnits } | undefined, atMs: number): Settlement {
  return {
    outcome: "crashed",
    usage: used?.usage ?? NO_USAGE,
    amount: used?.amount ?? 0,
    backend: undefined,
    status: used === undefined ? 500 : 200,
    attempts: used === undefined ? 0 : 1,
    firstByteMs: undefined,
    durationMs: 0,
    atMs,
  };
}

/**
 * Call it before a gate opens over this journal. Resolves when every end is written, with what they cost: a gate needs it on top of
 * what the ledger had folded before. @throws Fault ledger_unavailable
 */
export async function recover(orphans: readonly Orphan[], journal: Journal, nowMs: number): Promise<readonly Spent[]> {
  const calendar = new Calendar();
  const settled = new Set<string>();
  const spent: Spent[] = [];
  for (const { hold, mark } of orphans) {
    if (settled.has(hold.request)) continue;
    settled.add(hold.request);
    const amount = Math.min(mark?.amount ?? 0, hold.amount);
    journal.append(endRecord(hold.request, crashed(mark, nowMs), amount));
    if (amount > 0) spent.push(...spentBy(hold, textOfMonth(calendar.monthOf(hold.atMs)), amount));
  }
  if (settled.size > 0) await journal.durable();
  return spent;
}

function spentBy(hold: HoldRecord, month: string, amount: MicroUnits): readonly Spent[] {
  const ids: readonly (readonly [Scope, string])[] = [
    ["key", hold.key],
    ["project", hold.project],
    ["tenant", hold.tenant],
    ["msp", hold.msp],
  ];
  return ids.map(([scope, id]) => ({ scope, id, month, amount }));
}
