/** Gathers what one turn of the event loop lacks into one question to the lessor, and enters its answer. */
import { BOUNDS } from "../../bounds.ts";
import type { Clock } from "../../ports.ts";
import type { Lessor } from "./lease.ts";
import type { Lease, Slice } from "./slice.ts";
import type { Shortage, Slices } from "./slices.ts";

/** What all that wait for one limit lack: the least of them could be helped alone. */
interface Gathered {
  readonly lease: Lease;
  readonly shortage: Shortage;
  need: number;
  want: number;
}

export class Asking {
  readonly #lessor: Lessor;
  readonly #slices: Slices;
  readonly #clock: Pick<Clock, "turn" | "monotonicMs">;
  #gathered = new Map<string, Gathered>();
  #answered: Promise<void> | undefined;

  constructor(lessor: Lessor, slices: Slices, clock: Pick<Clock, "turn" | "monotonicMs">) {
    this.#lessor = lessor;
    this.#slices = slices;
    this.#clock = clock;
  }

  /** True: it is worth trying again. False: for some of it nobody has enough. @throws Fault ledger_unavailable */
  async more(shortages: readonly Shortage[]): Promise<boolean> {
    const nowMs = this.#clock.monotonicMs();
    if (shortages.some(({ lease, need }) => lease === undefined || isRefused(lease, need, nowMs))) return false;
    for (const shortage of shortages) this.#gather(shortage);
    await (this.#answered ??= this.#atTheEndOfTheTurn());
    return true;
  }

  #gather(shortage: Shortage): void {
    const { lease, need } = shortage;
    if (lease === undefined) return;
    const known = this.#gathered.get(lease.name);
    if (known === undefined) this.#gathered.set(lease.name, { lease, shortage, need, want: need });
    else {
      known.need = Math.min(known.need, need);
      known.want += need;
    }
  }

  #atTheEndOfTheTurn(): Promise<void> {
    return new Promise((resolve, reject) => this.#clock.turn(() => void this.#ask().then(resolve, reject)));
  }

  async #ask(): Promise<void> {
    const gathered = [...this.#gathered.values()];
    this.#gathered = new Map();
    this.#answered = undefined;
    const wants = gathered.map(({ shortage, lease, need, want }) => this.#slices.wantOf({ ...shortage, need }, lease, want));
    const grants = await this.#lessor.ask(wants);
    const nowMs = this.#clock.monotonicMs();
    for (const [at, { lease, shortage }] of gathered.entries()) {
      const grant = grants[at];
      if (grant === undefined) continue;
      lease.refusedUntilMs = grant.amount === 0 ? nowMs + Math.min(BOUNDS.sliceAskAgainMs, grant.waitMs ?? Number.POSITIVE_INFINITY) : 0;
      lease.waitMs = grant.waitMs;
      entered(shortage.slice, lease).granted(lease, grant);
    }
  }
}

/** A slice that was tidied away while its question was under way takes its lease back. */
function entered(slice: Slice, lease: Lease): Slice {
  slice.keep(lease);
  return slice;
}

function isRefused({ left, refusedUntilMs }: Lease, need: number, nowMs: number): boolean {
  return nowMs < refusedUntilMs && need > left;
}
