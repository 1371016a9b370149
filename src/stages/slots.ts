/** Who carries out what under one `Idempotency-Key`: the first does, whoever comes later waits, and learns that it is done. Memory only. */
import { LRUCache } from "lru-cache";
import { BOUNDS } from "../bounds.ts";
import type { RequestId } from "../domain/ids.ts";

/** What a request wants to carry out. Plain data, so that it can be sent. */
export interface Wanted {
  /** Of the tenant and its key together. */
  readonly name: string;
  /** What is the same only for the same body at the same endpoint. */
  readonly bodyHash: string;
  readonly request: RequestId;
}

/** To be ended once: true when the request was carried out, false when it may be tried again. */
export type EndSlot = (carriedOut: boolean) => void;

export type SlotVerdict =
  | { readonly kind: "yours"; readonly end: EndSlot }
  | { readonly kind: "reused" }
  | { readonly kind: "completed"; readonly request: RequestId };

interface Slot {
  readonly bodyHash: string;
  readonly request: RequestId;
  readonly ended: Promise<boolean>;
  done: boolean;
}

export class Slots {
  readonly #slots: LRUCache<string, Slot>;

  /** @param entriesMax room is taken for all of them at once */
  constructor(entriesMax: number) {
    this.#slots = new LRUCache({ max: entriesMax, ttl: BOUNDS.idempotencyMs });
  }

  /** Waits while another request carries the same out. */
  async claim({ name, bodyHash, request }: Wanted): Promise<SlotVerdict> {
    for (let known = this.#slots.get(name); known !== undefined; known = this.#slots.get(name)) {
      if (known.bodyHash !== bodyHash) return { kind: "reused" };
      if (known.done || (await known.ended)) return { kind: "completed", request: known.request };
    }
    return { kind: "yours", end: this.#take(name, bodyHash, request) };
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
