/** Callers who ask again as soon as they have an answer, and what became of each request. */
import type { RawAnswer } from "../../edge/support/raw.ts";
import { ask, lastError } from "./ask.ts";

export interface Tally {
  readonly sent: number;
  readonly served: number;
  /** Streams that had begun and were broken off in band. */
  readonly brokenOff: number;
  /** Requests that failed before their first byte: status and body. */
  readonly lost: readonly string[];
}

export interface LoopParts {
  readonly port: number;
  readonly model: string;
  readonly callers: number;
}

/** Words that make the simulator write so many tokens. */
const SAYING = "[[tokens:25]]";

export class ClosedLoop {
  #running = true;
  #sent = 0;
  #served = 0;
  #brokenOff = 0;
  readonly #lost: string[] = [];
  readonly #callers: readonly Promise<void>[];

  constructor({ port, model, callers }: LoopParts) {
    this.#callers = Array.from({ length: callers }, (_, at) => this.#call({ port, model, stream: at % 2 === 0 }));
  }

  /** Lets every caller have its last answer. */
  async stop(): Promise<Tally> {
    this.#running = false;
    await Promise.all(this.#callers);
    return { sent: this.#sent, served: this.#served, brokenOff: this.#brokenOff, lost: this.#lost };
  }

  get served(): number {
    return this.#served;
  }

  async #call(asked: { readonly port: number; readonly model: string; readonly stream: boolean }): Promise<void> {
    while (this.#running) {
      this.#sent += 1;
      this.#count(await ask({ ...asked, content: SAYING }), asked.stream);
    }
  }

  #count(answer: RawAnswer, stream: boolean): void {
    if (answer.status !== 200) this.#lost.push(`${String(answer.status)} ${answer.body}`);
    else if (!stream || answer.body.endsWith("data: [DONE]\n\n")) this.#served += 1;
    else if (lastError(answer) !== undefined) this.#brokenOff += 1;
    else this.#lost.push(`a stream ended without a word: ${answer.body.slice(-100)}`);
  }
}
