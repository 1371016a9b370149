/** One look at the law for many requests at the same instant: each different question is asked once. */
import type { Question } from "../../domain/law.ts";
import { type Finished, questionOf } from "./followed.ts";

/** Whether the newest law lets what is known of such a request go to the collector, now. */
export type Admits = (question: Question) => boolean;

/** A question, and the name by which an equal one is found again. */
export interface Named {
  readonly name: string;
  readonly question: Question;
}

/** undefined: there is no law to be asked. */
export function named(request: Finished): Named | undefined {
  const question = questionOf(request);
  if (question === undefined) return undefined;
  // A key says whose project, tenant and MSP it is.
  const { key, model, capability, require } = question;
  return { name: JSON.stringify([key, model, capability, require]), question };
}

/** For one pass over a queue: no longer, or the answers would be old law. */
export class Hearing {
  readonly #admits: Admits;
  readonly #answers = new Map<string, boolean>();

  constructor(admits: Admits) {
    this.#admits = admits;
  }

  /** Unknown refuses, and so does a question that cannot be understood. */
  allows({ name, question }: Named): boolean {
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    let answer = false;
    try {
      answer = this.#admits(question);
    } catch {
      // A header that the law cannot read: its request has been refused for the same reason.
    }
    this.#answers.set(name, answer);
    return answer;
  }
}
