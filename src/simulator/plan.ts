/** What an answer will say, decided in full before its first token: the engine model only says when. */
import { INVALID_MARK } from "./answer.ts";
import type { Directives } from "./directives.ts";
import { naturalLength, prose } from "./prose.ts";
import { hashText } from "./seeded.ts";
import { pieces } from "./tokens.ts";

export interface Plan {
  /** Text of each token; "" for one that is generated but not shown (a stop string, the frame around a tool call). */
  readonly pieces: readonly string[];
  readonly finish: "stop" | "length";
  /** The stop string that ended it, or null. */
  readonly stopReason: string | null;
}

export interface PlanInput {
  /** The prompt as the engine sees it, template and all. */
  readonly prompt: string;
  readonly directives: Directives;
  /** What a constrained decoder is bound to say; undefined: free. */
  readonly forced: string | undefined;
  readonly seed: number;
  /** Which of n answers. */
  readonly choice: number;
  /** Tokens at most, at least 1. */
  readonly tokensMax: number;
  readonly tokensMin: number;
  readonly stop: readonly string[];
  /** Go on to tokensMax. */
  readonly ignoreEnd: boolean;
  /** The fault that puts bytes into the text that are no UTF-8. */
  readonly invalidUtf8: boolean;
}

/** One answer. Equal inputs give equal plans. */
export function plan(input: PlanInput): Plan {
  const [first = "", ...rest] = wanted(input);
  const whole = [input.invalidUtf8 ? first + INVALID_MARK : first, ...rest];
  const least = input.ignoreEnd ? input.tokensMax : Math.min(input.tokensMin, input.tokensMax);
  const padded = whole.length < least ? [...whole, ...prose(seedOf(input), least - whole.length)] : whole;
  const endsItself = padded.length <= input.tokensMax && !input.ignoreEnd;
  const cut = padded.slice(0, input.tokensMax);
  return stopped(cut, input.stop) ?? { pieces: cut, finish: endsItself ? "stop" : "length", stopReason: null };
}

/** All that would be said without any limit; never empty, since even an empty answer takes the token that ends it. */
function wanted(input: PlanInput): readonly string[] {
  const { say, echo, rest, tokens } = input.directives;
  const text = input.forced ?? say ?? (echo ? rest : undefined);
  if (text !== undefined) return text === "" ? [""] : pieces(text);
  const seed = seedOf(input);
  // One more than may be said shows that something was left to say; more would be written in vain.
  return prose(seed, Math.min(Math.max(1, tokens ?? naturalLength(seed)), input.tokensMax + 1));
}

function seedOf(input: PlanInput): number {
  return hashText(input.prompt, input.seed + input.choice * 0x9e37);
}

/** The answer up to the first stop string; the tokens that make up that string were generated, but are not shown. */
function stopped(all: readonly string[], stop: readonly string[]): Plan | undefined {
  const text = all.join("");
  const found = stop
    .filter((string) => string !== "")
    .map((string) => ({ string, at: text.indexOf(string) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at + a.string.length - (b.at + b.string.length))[0];
  if (found === undefined) return undefined;
  const shown: string[] = [];
  let start = 0;
  for (const piece of all) {
    if (start >= found.at + found.string.length) break;
    shown.push(piece.slice(0, Math.max(0, found.at - start)));
    start += piece.length;
  }
  return { pieces: shown, finish: "stop", stopReason: found.string };
}
