/** One scripted exchange under the real transport's own attempt: what a connection would call, in the order in which it would. */
import type { Attempt, Carrier } from "../../src/transport/attempt.ts";
import type { Agenda, Owner } from "./agenda.ts";
import type { Chance } from "./chance.ts";
import type { Step } from "./script.ts";

export interface Wires {
  readonly agenda: Agenda;
  readonly owner: Owner;
  readonly chance: Chance;
  /** The connection carries the exchange no more. */
  readonly freed: () => void;
}

export class Exchange implements Carrier {
  readonly #attempt: Attempt;
  readonly #steps: readonly Step[];
  readonly #wires: Wires;
  #at = 0;
  #begun = false;
  #closed = false;
  #paused = false;
  /** A step fell due while paused. */
  #held = false;

  constructor(attempt: Attempt, steps: readonly Step[], wires: Wires) {
    this.#attempt = attempt;
    this.#steps = steps;
    this.#wires = wires;
  }

  /** Nothing is told before send() has returned. */
  start(): void {
    this.#later(0, () => {
      if (this.#steps[0]?.act.kind === "refuse") this.#schedule();
      else this.#connected();
    });
  }

  /** Connected, and neither side has ended it. What is cancelled before it has a connection never gets one. */
  get working(): boolean {
    return this.#begun && !this.#closed;
  }

  abort(): void {
    this.#close();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (!this.#held) return;
    this.#held = false;
    // A parser that holds bytes hands them over before resume() returns; a socket does later.
    if (this.#wires.chance.hits(0.5)) this.#due();
    else this.#later(0, () => this.#due());
  }

  #connected(): void {
    this.#begun = true;
    if (!this.#attempt.begin(this, this.#wires.chance.hits(0.5))) {
      this.#close();
      return;
    }
    this.#schedule();
  }

  #schedule(): void {
    const step = this.#steps[this.#at];
    if (step !== undefined && !this.#closed) this.#later(step.gapMs, () => this.#due());
  }

  #later(ms: number, then: () => void): void {
    this.#wires.agenda.after(ms, this.#wires.owner, () => {
      if (!this.#closed) then();
    });
  }

  #due(): void {
    if (this.#closed) return;
    if (this.#paused) {
      this.#held = true;
      return;
    }
    const step = this.#steps[this.#at];
    if (step === undefined) return;
    this.#at += 1;
    this.#take(step);
    this.#schedule();
  }

  #take({ act }: Step): void {
    const attempt = this.#attempt;
    if (act.kind === "head") {
      attempt.begun();
      attempt.answered(act.status, act.headers);
    } else if (act.kind === "bytes") attempt.received(Buffer.from(act.bytes));
    else if (act.kind === "end") {
      this.#close();
      attempt.ended();
    } else {
      this.#close();
      const code = act.kind === "refuse" ? "ECONNREFUSED" : "ECONNRESET";
      attempt.broke(Object.assign(new Error(code), { code }));
    }
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wires.freed();
  }
}
