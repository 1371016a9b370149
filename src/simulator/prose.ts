/** What a simulated model says when nobody told it what to say: plain sentences, the same for the same seed, one token a piece. */
import { SeededRandom } from "./seeded.ts";
import { ADJECTIVES, DETERMINERS, NOUNS, PREPOSITIONS, VERBS } from "./vocabulary.ts";

/** How many tokens an answer has when nobody limits it: this, plus up to as many more. */
const NATURAL_TOKENS = 24;

/** Length of an answer that ends by itself, in tokens. */
export function naturalLength(seed: number): number {
  return NATURAL_TOKENS + new SeededRandom(seed ^ 0x5bd1e995).below(NATURAL_TOKENS);
}

/** Exactly `count` pieces of text, each one token. */
export function prose(seed: number, count: number): string[] {
  const random = new SeededRandom(seed);
  const written: string[] = [];
  while (written.length < count) written.push(...sentence(random, written.length === 0));
  return written.slice(0, count);
}

function sentence(random: SeededRandom, first: boolean): string[] {
  const start = pick(random, DETERMINERS);
  const opening = start.charAt(0).toUpperCase() + start.slice(1);
  const words = [ADJECTIVES, NOUNS, VERBS, DETERMINERS, NOUNS] as const;
  const more = random.unit() < 0.5 ? ([PREPOSITIONS, DETERMINERS, ADJECTIVES, NOUNS] as const) : [];
  return [first ? opening : ` ${opening}`, ...[...words, ...more].map((list) => ` ${pick(random, list)}`), "."];
}

function pick(random: SeededRandom, list: readonly string[]): string {
  return list[random.below(list.length)] ?? "";
}
