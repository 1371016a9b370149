/** What a simulation found wrong: each breach with the rule it breaks and the instant, in the order in which they were seen. */

export const RULES = [
  "law", // a send that the tenant's own words forbid
  "clearance", // a send that its clearance, its request or its admission does not cover
  "conservation", // holds, ends, budgets, amounts
  "window", // a minute above its limit
  "concurrency", // more at the same time than the limit
  "deadline", // a request that outlived its total
  "answer", // a caller that got something no OpenAI client can read, or nothing
  "content", // text that is not the engine's
  "secrecy", // a name that no caller may read
  "billing", // tokens or money that nobody owes
  "leak", // something that was not given back
  "internal", // a fault that no rule covers
] as const;
export type BreachRule = (typeof RULES)[number];

export interface Breach {
  readonly rule: BreachRule;
  readonly what: string;
  readonly atMs: number;
}

export class Breaches {
  readonly list: Breach[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  report(rule: BreachRule, what: string): void {
    this.list.push({ rule, what, atMs: this.#nowMs() });
  }

  /** Reports unless it holds. */
  must(holds: boolean, rule: BreachRule, what: () => string): void {
    if (!holds) this.report(rule, what());
  }
}
