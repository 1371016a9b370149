/**
 * The near end of a gate that is elsewhere. Opening waits for it; marks and settlements are sent and seen to in the background. A call
 * that failed is unknown, not refused: a hold that may be open is given back, and what cannot be told is left to its lease.
 */
import { BOUNDS } from "../bounds.ts";
import type { MspId, RequestId } from "../domain/ids.ts";
import type { MicroUnits } from "../domain/money.ts";
import { NO_USAGE, type Usage } from "../domain/usage.ts";
import { Fault } from "../faults.ts";
import type { Admission, Claim, Clock, Gate, Settlement } from "../ports.ts";
import { slim, type Desk, type DeskAnswer, type DeskOf } from "./desk.ts";

export interface RemoteGateParts {
  readonly deskOf: DeskOf;
  readonly clock: Clock;
  /** Keeps work alive that goes on behind an answer. */
  readonly later: (work: Promise<unknown>) => void;
  /** A settlement did not reach its desk: the sweep will settle the request at its last mark. */
  readonly lost: (request: RequestId, cause: unknown) => void;
}

export class RemoteGate implements Omit<Gate, "windows"> {
  readonly #parts: RemoteGateParts;
  /** Holds that were opened here and not settled. */
  readonly #open = new Map<RequestId, MspId>();

  constructor(parts: RemoteGateParts) {
    this.#parts = parts;
  }

  async open(claim: Claim): Promise<Admission> {
    if (this.#open.size >= BOUNDS.holdsOpenMax) throw new Fault("overloaded", { detail: "holdsOpenMax" });
    const msp = claim.principal.msp.id;
    const answer = await this.#ask(this.#parts.deskOf(msp), claim);
    if ("fault" in answer) throw new Fault(answer.fault, answer.detail === undefined ? {} : { detail: answer.detail });
    if (answer.ok) this.#open.set(claim.request, msp);
    return answer;
  }

  checkpoint(request: RequestId, usage: Usage, amount: MicroUnits): void {
    const msp = this.#open.get(request);
    if (msp === undefined) return;
    // The next one says more: this one need not arrive.
    this.#parts.later(
      this.#parts
        .deskOf(msp)
        .mark(request, usage, amount)
        .catch(() => undefined),
    );
  }

  settle(request: RequestId, settlement: Settlement): "settled" | "already" {
    const msp = this.#open.get(request);
    if (msp === undefined) return "already";
    this.#open.delete(request);
    this.#parts.later(this.#send(msp, request, settlement));
    return "settled";
  }

  /** Requests admitted here and not settled. */
  get holdsOpen(): number {
    return this.#open.size;
  }

  #ask(desk: Desk, claim: Claim): Promise<DeskAnswer> {
    return new Promise((resolve, reject) => {
      let given = false;
      const giveUp = (detail: string): void => {
        given = true;
        reject(new Fault("ledger_unavailable", { detail, retryAfterMs: BOUNDS.retryAfterDefaultMs }));
      };
      const stop = this.#parts.clock.after(BOUNDS.gateAnswerMsMax, () => giveUp("the gate did not answer in time"));
      desk.open(slim(claim)).then(
        (answer) => {
          stop();
          if (!given) resolve(answer);
          else if (!("fault" in answer) && answer.ok) this.#parts.later(this.#send(claim.principal.msp.id, claim.request, this.#unsent()));
        },
        (cause: unknown) => {
          stop();
          if (!given) giveUp(`the gate could not be asked: ${String(cause)}`);
        },
      );
    });
  }

  /** Offered a few times, each pause longer than the one before. */
  async #send(msp: MspId, request: RequestId, settlement: Settlement): Promise<void> {
    for (let tried = 1; ; tried += 1) {
      try {
        await this.#parts.deskOf(msp).settle(request, settlement);
        return;
      } catch (cause) {
        if (tried >= BOUNDS.settleTriesMax) return this.#parts.lost(request, cause);
        await new Promise<void>((resolve) => void this.#parts.clock.after(BOUNDS.settlePauseMs * 2 ** tried, resolve));
      }
    }
  }

  /** Of a request that was told that there is no gate: it was never sent anywhere. */
  #unsent(): Settlement {
    return {
      outcome: "failed",
      usage: NO_USAGE,
      amount: 0,
      backend: undefined,
      status: 503,
      attempts: 0,
      firstByteMs: undefined,
      durationMs: BOUNDS.gateAnswerMsMax,
      atMs: this.#parts.clock.nowMs(),
    };
  }
}
