/** The parent's end of `Idempotency-Key`: who carries out what in which process, and what becomes of it when that process dies. */
import { BOUNDS } from "../../../bounds.ts";
import type { RequestId } from "../../../domain/ids.ts";
import { Slots, type EndSlot, type Wanted } from "../../../stages/slots.ts";

export class SlotKeeper {
  readonly #slots = new Slots(BOUNDS.idempotencyEntriesMax);
  readonly #running = new Map<RequestId, { readonly holder: object; readonly end: EndSlot }>();
  readonly #gone = new WeakSet();

  /** Waits while another request carries the same out. @param holder stands for the process that asks */
  async claim(holder: object, wanted: Wanted): Promise<object> {
    const verdict = await this.#slots.claim(wanted);
    if (verdict.kind !== "yours") return verdict;
    if (this.#gone.has(holder)) verdict.end(false);
    else this.#running.set(wanted.request, { holder, end: verdict.end });
    return { kind: "yours" };
  }

  end(request: RequestId, carriedOut: boolean): void {
    this.#running.get(request)?.end(carriedOut);
    this.#running.delete(request);
  }

  /** The process is gone. @param charged requests that had used something when it died */
  left(holder: object, charged: ReadonlySet<RequestId>): void {
    this.#gone.add(holder);
    for (const [request, running] of this.#running) if (running.holder === holder) this.end(request, charged.has(request));
  }
}
