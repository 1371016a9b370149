/**
 * `Idempotency-Key`: the same key and body from the same tenant run once. A second one waits for the first, then learns that it is done;
 * answers are not stored (content stays out of sight), so it gets the first one's request id instead. A request that failed without being
 * charged frees its key: trying again is what the key is for. Memory only: a restart forgets.
 */
import { LRUCache } from "lru-cache";
import { BOUNDS } from "../bounds.ts";
import type { Call } from "../domain/call.ts";
import type { RequestId, TenantId } from "../domain/ids.ts";
import { Fault } from "../faults.ts";
import type { Hash } from "../world.ts";

interface Slot {
  readonly bodyHash: string;
  readonly request: RequestId;
  readonly ended: Promise<boolean>;
  done: boolean;
}

/** To be ended once: true when the request was carried out, false when it may be tried again. */
export type EndSlot = (carriedOut: boolean) => void;

export class Idempotency {
  readonly #slots: LRUCache<string, Slot>;
  readonly #hash: Pick<Hash, "sha256">;

  /** @param entriesMax room is taken for all of them at once */
  constructor(hash: Pick<Hash, "sha256">, entriesMax: number = BOUNDS.idempotencyEntriesMax) {
    this.#slots = new LRUCache({ max: entriesMax, ttl: BOUNDS.idempotencyMs });
    this.#hash = hash;
  }

  /** Takes the key for this request. @throws Fault idempotency_key_invalid, idempotency_key_reused, idempotency_completed */
  async claim(key: string, tenant: TenantId, call: Call, request: RequestId): Promise<EndSlot> {
    if (!/^[\x21-\x7e]+$/.test(key) || key.length > BOUNDS.idempotencyKeyBytesMax) throw new Fault("idempotency_key_invalid");
    const name = `${tenant} ${key}`;
    const bodyHash = this.#hash.sha256(call.body) + call.capability;
    for (let known = this.#slots.get(name); known !== undefined; known = this.#slots.get(name)) {
      if (known.bodyHash !== bodyHash) throw new Fault("idempotency_key_reused");
      if (known.done || (await known.ended)) throw completed(known);
    }
    return this.#take(name, bodyHash, request);
  }

  #take(name: string, bodyHash: string, request: RequestId): EndSlot {
    let end: EndSlot = () => undefined;
    const ended = new Promise<boolean>((resolve) => (end = resolve));
    const slot: Slot = { bodyHash, request, ended, done: false };
    this.#slots.set(name, slot);
    return (carriedOut) => {
      slot.done = carriedOut;
      if (!carriedOut && this.#slots.peek(name) === slot) this.#slots.delete(name);
      end(carriedOut);
    };
  }
}

function completed(slot: Slot): Fault {
  return new Fault("idempotency_completed", { extra: { original_request_id: slot.request } });
}
