/** Several gates that share limits, with an office between them, all in this process. */
import type { Principal } from "../../../../src/domain/tenancy.ts";
import { LeasedGate } from "../../../../src/gate/leases/leased-gate.ts";
import { LeaseOffice } from "../../../../src/gate/leases/office.ts";
import type { Spent } from "../../../../src/ports.ts";
import { claimBy, HandClock, MemoryJournal, settlementOf } from "../fixtures.ts";

export class Party {
  readonly clock = new HandClock();
  readonly office = new LeaseOffice(this.clock, [], []);
  readonly #gates: LeasedGate[] = [];
  /** Questions that reached the office. */
  asked = 0;

  constructor(size: number) {
    for (let lane = 0; lane < size; lane += 1) this.start(lane);
  }

  start(lane: number): void {
    const gate: LeasedGate = new LeasedGate(new MemoryJournal(), this.clock, {
      ask: (wants) => {
        this.asked += 1;
        return lessor.ask(wants);
      },
      give: (returns) => lessor.give(returns),
    });
    this.#gates[lane] = gate;
    const lessor = this.office.join(lane, gate);
  }

  /** It dies, and another takes its place. */
  replace(lane: number, charged: readonly Spent[]): void {
    this.office.left(lane, charged);
    this.start(lane);
  }

  gate(lane: number): LeasedGate {
    const gate = this.#gates[lane];
    if (gate === undefined) throw new RangeError(`no lane ${lane}`);
    return gate;
  }

  /** One request to its end, at its full amount. */
  async open(lane: number, principal: Principal, amount = 1_000): Promise<boolean> {
    const claim = claimBy(principal, { amount });
    const admission = await this.gate(lane).open(claim);
    if (admission.ok) this.gate(lane).settle(claim.request, settlementOf({ amount }));
    return admission.ok;
  }
}
