/** Cuts an answer at a stop sequence, and holds back what may become one: for engines that leave the sequence in, or notice it late. */
import { heldBack } from "./held-back.ts";

export class StopHold {
  readonly #stops: readonly string[];
  #held = "";
  #stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** A stop sequence has come: whatever follows is nobody's. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** What may go out. */
  push(text: string): string {
    if (this.#stopped) return "";
    const all = this.#held + text;
    const cut = firstOf(this.#stops, all);
    if (cut >= 0) {
      this.#stopped = true;
      this.#held = "";
      return all.slice(0, cut);
    }
    const keep = heldBack(all, this.#stops);
    this.#held = keep === 0 ? "" : all.slice(-keep);
    return keep === 0 ? all : all.slice(0, -keep);
  }

  /** What was held back for nothing. */
  end(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}

function firstOf(stops: readonly string[], text: string): number {
  let first = -1;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at >= 0 && (first < 0 || at < first)) first = at;
  }
  return first;
}
