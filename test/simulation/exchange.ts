/** One scripted exchange under the real transport's own attempt: what undici would call, in the order in which undici would. */
import type { Dispatcher } from "undici";
import type { Attempt } from "../../src/transport/attempt.ts";
import type { Agenda, Owner } from "./agenda.ts";
import type { Chance } from "./chance.ts";
import type { Step } from "./script.ts";

export interface Wires {
  readonly agenda: Agenda;
  readonly owner: Owner;
  readonly chance: Chance;
}

export class Exchange implements Dispatcher.DispatchController {
  readonly #attempt: Attempt;
  readonly #steps: readonly Step[];
  readonly #wires: Wires;
  #at = 0;
  #begun = false;
  #closed = false;
  #paused = false;
  /** A step fell due while paused. */
  #held = false;
  #reason: Error | null = null;

  constructor(attempt: Attempt, steps: readonly Step[], wires: Wires) {
    this.#attempt = attempt;
    this.#steps = steps;
    this.#wires = wires;
  }

  /** As undici: nothing is told before dispatch() has returned. */
  start(): void {
    this.#later(0, () => {
      if (this.#steps[0]?.act.kind === "refuse") this.#schedule();
      else this.#connected();
    });
  }

  get aborted(): boolean {
    return this.#closed;
  }

  /** Connected, and neither side has ended it. What is cancelled before it has a connection never gets one. */
  get working(): boolean {
    return this.#begun && !this.#closed;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get reason(): Error | null {
    return this.#reason;
  }

  abort(reason: Error): void {
    if (this.#closed) return;
    this.#reason = reason;
    this.#close();
    this.#attempt.onResponseError(this, reason);
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
    try {
      this.#attempt.onRequestStart(this);
    } catch (error) {
      this.#close();
      this.#attempt.onResponseError(this, error instanceof Error ? error : new Error(String(error)));
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
      attempt.onResponseStarted();
      attempt.onResponseStart(this, act.status, act.headers);
    } else if (act.kind === "bytes") attempt.onResponseData(this, Buffer.from(act.bytes));
    else if (act.kind === "end") {
      this.#close();
      attempt.onResponseEnd();
    } else {
      this.#close();
      const code = act.kind === "refuse" ? "ECONNREFUSED" : "ECONNRESET";
      attempt.onResponseError(this.#begun ? this : null, Object.assign(new Error(code), { code }));
    }
  }

  #close(): void {
    this.#closed = true;
  }
}
