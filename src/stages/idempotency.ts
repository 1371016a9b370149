/**
 * `Idempotency-Key`: the same key and body from the same tenant run once. A second one waits for the first, then learns that it is done;
 * answers are not stored (content stays out of sight), so it gets the first one's request id instead. A request that failed without being
 * charged frees its key: trying again is what the key is for. Memory only: a restart forgets.
 */
import { BOUNDS } from "../bounds.ts";
import type { Call } from "../domain/call.ts";
import type { RequestId, TenantId } from "../domain/ids.ts";
import { Fault } from "../faults.ts";
import type { Hash } from "../world.ts";
import { Slots, type EndSlot, type SlotVerdict, type Wanted } from "./slots.ts";

export type { EndSlot } from "./slots.ts";

export class Idempotency {
  readonly #slots: Slots;
  readonly #hash: Pick<Hash, "sha256">;

  /** @param entriesMax room is taken for all of them at once */
  constructor(hash: Pick<Hash, "sha256">, entriesMax: number = BOUNDS.idempotencyEntriesMax) {
    this.#slots = new Slots(entriesMax);
    this.#hash = hash;
  }

  /** Takes the key for this request. @throws Fault idempotency_key_invalid, idempotency_key_reused, idempotency_completed */
  async claim(key: string, tenant: TenantId, call: Call, request: RequestId): Promise<EndSlot> {
    return taken(await this.#slots.claim(wantedBy({ key, tenant, call, request }, this.#hash)));
  }
}

export interface Asking {
  readonly key: string;
  readonly tenant: TenantId;
  readonly call: Call;
  readonly request: RequestId;
}

/** @throws Fault idempotency_key_invalid */
export function wantedBy({ key, tenant, call, request }: Asking, hash: Pick<Hash, "sha256">): Wanted {
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > BOUNDS.idempotencyKeyBytesMax) throw new Fault("idempotency_key_invalid");
  return { name: `${tenant} ${key}`, bodyHash: hash.sha256(call.body) + call.capability, request };
}

/** @throws Fault idempotency_key_reused, idempotency_completed */
export function taken(verdict: SlotVerdict): EndSlot {
  if (verdict.kind === "reused") throw new Fault("idempotency_key_reused");
  if (verdict.kind === "completed") throw new Fault("idempotency_completed", { extra: { original_request_id: verdict.request } });
  return verdict.end;
}
