/** What one admitted request has reserved, and the journal's records of its beginning, its course and its end. */
import type { Month } from "../admission/month.ts";
import type { RequestId } from "../domain/ids.ts";
import type { MicroUnits } from "../domain/money.ts";
import { NO_USAGE, type Usage } from "../domain/usage.ts";
import type { Claim, EndRecord, HoldRecord, MarkRecord, Settlement } from "../ports.ts";
import type { Demand, Stake } from "./account.ts";

export class Hold implements Demand {
  readonly request: RequestId;
  readonly tokens: number;
  readonly amount: MicroUnits;
  readonly month: Month;
  readonly openedMs: number;
  /** One for each level, once admitted. */
  stakes: readonly Stake[] = [];
  /** Monotonic: when the request last showed that it lives. */
  seenMs: number;
  usedUsage: Usage = NO_USAGE;
  usedAmount: MicroUnits = 0;
  /** What was used is newer than the journal's mark. */
  unmarked = false;

  constructor(claim: Pick<Claim, "request" | "tokens" | "amount">, month: Month, nowMs: number) {
    this.request = claim.request;
    this.tokens = claim.tokens;
    this.amount = claim.amount;
    this.month = month;
    this.openedMs = nowMs;
    this.seenMs = nowMs;
  }

  /** Ends what was held on every level. @param used money and tokens that stay counted; undefined: none, nor the request itself */
  release(nowMs: number, used: { readonly amount: MicroUnits; readonly tokens: number } | undefined): void {
    const delta = (used?.tokens ?? 0) - this.tokens;
    for (const { account, total, requests, tokens } of this.stakes) {
      account.leave();
      total.held -= this.amount;
      total.spent += used?.amount ?? 0;
      tokens?.correct(nowMs, this.openedMs, delta);
      if (used === undefined) requests?.correct(nowMs, this.openedMs, -1);
    }
  }
}

export function holdRecord(claim: Claim): HoldRecord {
  const { key, project, tenant, msp } = claim.principal;
  return {
    kind: "hold",
    request: claim.request,
    key: key.id,
    project: project.id,
    tenant: tenant.id,
    msp: msp.id,
    model: claim.model,
    alias: claim.alias,
    capability: claim.capability,
    tokens: claim.tokens,
    amount: claim.amount,
    currency: msp.priceBook.currency,
    priceVersion: msp.priceBook.version,
    atMs: claim.atMs,
  };
}

export function markRecord(hold: Hold): MarkRecord {
  return { kind: "mark", request: hold.request, usage: hold.usedUsage, amount: hold.usedAmount };
}

/** @param amount what is charged: the settlement's, never more than was held */
export function endRecord(request: RequestId, settlement: Settlement, amount: MicroUnits): EndRecord {
  const { outcome, usage, backend, status, attempts, firstByteMs, durationMs, atMs } = settlement;
  return { kind: "end", request, outcome, usage, amount, backend, status, attempts, firstByteMs, durationMs, atMs };
}
