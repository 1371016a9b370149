/** The real gate, with every question and answer told to the books. */
import type { RequestId } from "../../src/domain/ids.ts";
import type { MicroUnits } from "../../src/domain/money.ts";
import type { Principal } from "../../src/domain/tenancy.ts";
import type { Usage } from "../../src/domain/usage.ts";
import type { LocalGate } from "../../src/gate/local.ts";
import type { Admission, Claim, Gate, Settlement, Windows } from "../../src/ports.ts";
import type { Books } from "./books.ts";

export class WatchedGate implements Gate {
  readonly #gate: LocalGate;
  readonly #books: Books;
  readonly #nowMs: () => number;
  readonly #told: (request: RequestId, settlement: Settlement) => void;

  constructor(
    gate: LocalGate,
    { books, nowMs, told }: { books: Books; nowMs: () => number; told: (request: RequestId, settlement: Settlement) => void },
  ) {
    this.#gate = gate;
    this.#books = books;
    this.#nowMs = nowMs;
    this.#told = told;
  }

  async open(claim: Claim): Promise<Admission> {
    const entry = this.#books.ask(claim, this.#nowMs());
    let admission: Admission | undefined;
    try {
      return (admission = await this.#gate.open(claim));
    } finally {
      this.#books.answered(entry, admission);
    }
  }

  checkpoint(request: RequestId, usage: Usage, amount: MicroUnits): void {
    this.#gate.checkpoint(request, usage, amount);
  }

  settle(request: RequestId, settlement: Settlement): "settled" | "already" {
    const verdict = this.#gate.settle(request, settlement);
    this.#books.settled(request, settlement, { verdict, nowMs: this.#nowMs() });
    this.#told(request, settlement);
    return verdict;
  }

  windows(principal: Principal): Windows {
    return this.#gate.windows(principal);
  }
}
