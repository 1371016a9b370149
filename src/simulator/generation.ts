/** Runs planned answers through the engine model and puts the token-level faults in their way. */
import type { Stop } from "../ports.ts";
import type { Answer } from "./answer.ts";
import type { EngineModel } from "./engine-model.ts";
import type { Knobs } from "./faults.ts";
import type { Plan } from "./plan.ts";

/** One sequence: a choice of a prompt. */
export interface Part {
  readonly plan: Plan;
  readonly prompt: readonly number[];
  readonly salt: number;
}

/** Where the tokens go; `part` is the position in the list of parts. */
export interface Sink {
  /** The first token is about to come. */
  begin(): void;
  token(part: number, index: number, piece: string): void;
  /** After the last token of all parts. */
  done(): void;
  /** The engine broke, perhaps before begin(). */
  broke(): void;
}

/** When the client's leaving is noticed: vLLM at once, Triton after its first frame, or never. */
export type Notices = "at-once" | "after-first-token" | "never";

/** What a generation has come to, for those who state usage while it runs. All parts together. */
export class Tally {
  tokens = 0;
  /** Prompt tokens that came from the cache. */
  cachedTokens = 0;
}

export interface GenerationOptions {
  readonly engine: EngineModel;
  readonly answer: Pick<Answer, "hold" | "cutNext" | "reset" | "onOver">;
  readonly knobs: Knobs;
  readonly parts: readonly Part[];
  readonly sink: Sink;
  readonly notices: Notices;
  readonly tally: Tally;
}

export class Generation {
  readonly #options: GenerationOptions;
  readonly #cancels: Stop[] = [];
  #left = 0;
  #begun = false;
  #gone = false;
  #over = false;

  constructor(options: GenerationOptions) {
    this.#options = options;
  }

  /** False: the engine's queue is full and nothing was begun. */
  start(): boolean {
    const { engine, parts, answer, knobs } = this.#options;
    if (engine.full(parts.length)) {
      engine.totals.rejected += 1;
      return false;
    }
    this.#left = parts.length;
    answer.onOver(() => this.#leave());
    if (this.#trips(knobs.resetAfterTokens, 0)) answer.reset();
    else for (const [part, { plan, prompt, salt }] of parts.entries()) this.#submit(part, { plan, prompt, salt });
    return true;
  }

  #submit(part: number, { plan, prompt, salt }: Part): void {
    const cancel = this.#options.engine.submit({
      prompt,
      salt,
      tokens: plan.pieces.length,
      started: (cached) => (this.#options.tally.cachedTokens += cached),
      token: (index, last) => this.#token(part, index, last),
    });
    if (cancel !== undefined) this.#cancels.push(cancel);
  }

  #token(part: number, index: number, last: boolean): void {
    if (this.#over) return;
    const { sink, parts, tally } = this.#options;
    if (this.#strike()) return;
    if (!this.#begun) this.#begin();
    tally.tokens += 1;
    sink.token(part, index, parts[part]?.plan.pieces[index] ?? "");
    if (this.#gone && this.#options.notices !== "never") this.#cancelAll();
    if (last) this.#left -= 1;
    if (this.#left === 0 && !this.#over) this.#finish();
  }

  #begin(): void {
    this.#begun = true;
    this.#options.sink.begin();
  }

  /** The faults that lie between two tokens. @returns true when the generation is over because of one */
  #strike(): boolean {
    const { knobs, answer, sink, tally } = this.#options;
    if (this.#trips(knobs.stallAfterTokens, tally.tokens)) answer.hold(knobs.stallMs);
    if (this.#trips(knobs.cutAfterTokens, tally.tokens)) answer.cutNext();
    if (this.#trips(knobs.resetAfterTokens, tally.tokens)) {
      answer.reset();
      this.#cancelAll();
    } else if (this.#trips(knobs.errorAfterTokens, tally.tokens)) {
      this.#cancelAll();
      sink.broke();
    }
    return this.#over;
  }

  #trips(after: number | undefined, tokens: number): boolean {
    return after !== undefined && after === tokens;
  }

  #finish(): void {
    // A fault after the last token strikes before the answer is closed.
    if (this.#strike()) return;
    this.#over = true;
    this.#options.sink.done();
  }

  #leave(): void {
    this.#gone = true;
    const { notices, tally } = this.#options;
    if (notices === "at-once" || (notices === "after-first-token" && tally.tokens > 0)) this.#cancelAll();
  }

  #cancelAll(): void {
    this.#over = true;
    for (const cancel of this.#cancels) cancel();
  }
}
