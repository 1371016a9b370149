/** What a gate in another place says and is told: plain data both ways, so that any kind of remote call can carry it. */
import type { MspId, RequestId } from "../domain/ids.ts";
import type { MicroUnits } from "../domain/money.ts";
import type { Usage } from "../domain/usage.ts";
import type { FaultName } from "../faults.ts";
import type { Admission, Claim, Payer, Settlement } from "../ports.ts";

/** An error does not survive the way: a fault is told by its name. */
export type DeskAnswer = Admission | { readonly fault: FaultName; readonly detail: string | undefined };

/** One for all claims of one MSP: every level of a claim lies within it, so all of them are asked in one step. */
export interface Desk {
  /** Rejects: it is not known whether the hold is open. */
  open(claim: Claim): Promise<DeskAnswer>;
  /** The request lives, and this is what it has used. */
  mark(request: RequestId, usage: Usage, amount: MicroUnits): Promise<void>;
  /** Idempotent. */
  settle(request: RequestId, settlement: Settlement): Promise<"settled" | "already">;
}

export type DeskOf = (msp: MspId) => Desk;

/** A claim without what only this side needs: a whole MSP has thousands of aliases. */
export function slim(claim: Claim): Claim {
  return { ...claim, principal: payerOf(claim.principal) };
}

function payerOf({ key, project, tenant, msp }: Payer): Payer {
  return {
    key: { id: key.id, limits: key.limits },
    project: { id: project.id, limits: project.limits },
    tenant: { id: tenant.id, limits: tenant.limits },
    msp: { id: msp.id, limits: msp.limits, priceBook: msp.priceBook },
  };
}
