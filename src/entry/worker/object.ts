/** The Durable Object of one MSP. Its methods are what the Worker may call; what they do is the desk's. */
import { DurableObject } from "cloudflare:workers";
import type { RequestId } from "../../domain/ids.ts";
import type { MicroUnits } from "../../domain/money.ts";
import type { Usage } from "../../domain/usage.ts";
import type { DeskAnswer } from "../../gate/desk.ts";
import type { Claim, Settlement } from "../../ports.ts";
import type { Wanted } from "../../stages/slots.ts";
import { settlementsInto } from "../../storage/d1/settlements.ts";
import type { Bindings, MspDesk, ObjectState } from "./bindings.ts";
import { workerClock } from "./clock.ts";
import { ObjectDesk } from "./desk.ts";
import { say } from "./log.ts";
import type { SlotAnswer } from "./slots.ts";

export class MspGate extends DurableObject<ObjectState, Bindings> implements MspDesk {
  readonly #desk: ObjectDesk;

  constructor(ctx: ObjectState, env: Bindings) {
    super(ctx, env);
    const { storage } = ctx;
    this.#desk = new ObjectDesk({
      sql: storage.sql,
      clock: workerClock,
      take: settlementsInto(env.LEDGER),
      // Not awaited: no answer leaves the object before it is written.
      wakeAt: (atMs) => void storage.setAlarm(atMs),
      failed: (cause) => say("error", "settlements could not be carried to D1; they are kept and tried again", { detail: String(cause) }),
    });
  }

  open(claim: Claim): Promise<DeskAnswer> {
    return this.#desk.open(claim);
  }

  mark(request: RequestId, usage: Usage, amount: MicroUnits): Promise<void> {
    return this.#desk.mark(request, usage, amount);
  }

  settle(request: RequestId, settlement: Settlement): Promise<"settled" | "already"> {
    return this.#desk.settle(request, settlement);
  }

  claimSlot(wanted: Wanted): Promise<SlotAnswer> {
    return this.#desk.claimSlot(wanted);
  }

  endSlot(request: RequestId, carriedOut: boolean): Promise<void> {
    return this.#desk.endSlot(request, carriedOut);
  }

  handOver(): Promise<void> {
    return this.#desk.handOver();
  }

  alarm(): Promise<void> {
    return this.#desk.woken();
  }
}
