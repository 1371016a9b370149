/** Orders inside a prompt, `[[say:TEXT]]` and the like: how a test or a curious person makes a simulated model do something. */
import { type Knobs, knobsOf } from "./faults.ts";

/** What the prompt asked for; the last order of each kind wins. */
export interface Directives {
  /** `[[say:TEXT]]`: exactly this text. */
  readonly say: string | undefined;
  /** `[[echo]]`: the prompt, without its directives. */
  readonly echo: boolean;
  /** `[[tokens:N]]`: this many tokens of prose. */
  readonly tokens: number | undefined;
  /** `[[fail:KIND]]` or `[[fail:KIND:N]]`: this fault, for this request alone. */
  readonly fail: Knobs | undefined;
  /** The prompt without its directives. */
  readonly rest: string;
}

const DIRECTIVE = /\[\[(say|echo|tokens|fail)(?::((?:(?!\]\]).)*))?\]\]/gsu;

/** Most tokens that `[[tokens:N]]` may ask for. */
const DIRECTIVE_TOKENS_MAX = 1_000_000;

/** Reads the orders of a prompt. What is no known order stays text. */
export function readDirectives(prompt: string): Directives {
  let say: string | undefined;
  let echo = false;
  let tokens: number | undefined;
  let fail: Knobs | undefined;
  const rest = prompt.replace(DIRECTIVE, (whole: string, kind: string, argument: string | undefined) => {
    const known = kind === "fail" ? knobsOf(argument ?? "") : undefined;
    if (kind === "say") say = argument ?? "";
    else if (kind === "echo") echo = true;
    else if (kind === "tokens" && isCount(argument)) tokens = Number(argument);
    else if (known !== undefined) fail = known;
    else return whole;
    return "";
  });
  return { say, echo, tokens, fail, rest: rest.trim() };
}

function isCount(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,7}$/.test(text) && Number(text) <= DIRECTIVE_TOKENS_MAX;
}
