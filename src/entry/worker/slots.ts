/** `Idempotency-Key` over many isolates: the MSP's object knows who carries out what. */
import type { Call } from "../../domain/call.ts";
import type { MspId, RequestId, TenantId } from "../../domain/ids.ts";
import { taken, wantedBy } from "../../stages/idempotency.ts";
import type { EndSlot, Wanted } from "../../stages/slots.ts";
import type { Hash } from "../../world.ts";

/** A verdict that can be sent. */
export type SlotAnswer =
  { readonly kind: "yours" } | { readonly kind: "reused" } | { readonly kind: "completed"; readonly request: RequestId };

export interface SlotDesk {
  claimSlot(wanted: Wanted): Promise<SlotAnswer>;
  endSlot(request: RequestId, carriedOut: boolean): Promise<void>;
}

export interface RemoteIdempotencyParts {
  readonly hash: Pick<Hash, "sha256">;
  readonly deskOf: (msp: MspId) => SlotDesk;
  readonly mspOf: (tenant: TenantId) => MspId;
  readonly later: (work: Promise<unknown>) => void;
}

export class RemoteIdempotency {
  readonly #parts: RemoteIdempotencyParts;

  constructor(parts: RemoteIdempotencyParts) {
    this.#parts = parts;
  }

  /** Takes the key for this request. @throws Fault idempotency_key_invalid, idempotency_key_reused, idempotency_completed */
  async claim(key: string, tenant: TenantId, call: Call, request: RequestId): Promise<EndSlot> {
    const { hash, deskOf, mspOf, later } = this.#parts;
    const wanted = wantedBy({ key, tenant, call, request }, hash);
    const msp = mspOf(tenant);
    const answer = await deskOf(msp).claimSlot({ ...wanted, name: hash.sha256(wanted.name) });
    // Should this not arrive, the object's sweep ends the slot.
    const end: EndSlot = (carriedOut) =>
      later(
        deskOf(msp)
          .endSlot(request, carriedOut)
          .catch(() => undefined),
      );
    return taken(answer.kind === "yours" ? { kind: "yours", end } : answer);
  }
}
