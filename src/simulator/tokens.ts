/**
 * A lossless toy tokenizer: known words are one token, pairs of lower-case letters the next best, else one token per character.
 * Like every real one it never makes more tokens than there are bytes.
 */
import { WORDS } from "./vocabulary.ts";

const SPACED_WORDS_START = 512;
const PAIRS_START = 1_024;
const CHARACTERS_START = 2_048;
const LETTER_A = 97;
const LETTERS = 26;

/** One more than the highest id. */
export const VOCABULARY_SIZE = CHARACTERS_START + 0x110000;

const WORD_IDS: ReadonlyMap<string, number> = new Map(
  WORDS.flatMap((word, index): [string, number][] => [
    [word, index],
    [` ${word}`, SPACED_WORDS_START + index],
  ]),
);

/** Words with the space before them, or one character. */
const SEGMENT = / ?[A-Za-z]+|./gsu;

/** Token ids of a text; decode() gives the text back. A lone surrogate becomes U+FFFD, as in UTF-8. */
export function encode(text: string): number[] {
  const ids: number[] = [];
  for (const [segment] of text.toWellFormed().matchAll(SEGMENT)) {
    const word = WORD_IDS.get(segment);
    if (word === undefined) encodeLetters(segment, ids);
    else ids.push(word);
  }
  return ids;
}

function encodeLetters(segment: string, ids: number[]): void {
  for (let index = 0; index < segment.length;) {
    const first = segment.codePointAt(index) ?? 0;
    const second = segment.charCodeAt(index + 1);
    if (isLower(first) && isLower(second)) {
      ids.push(PAIRS_START + (first - LETTER_A) * LETTERS + (second - LETTER_A));
      index += 2;
    } else {
      ids.push(CHARACTERS_START + first);
      index += first > 0xffff ? 2 : 1;
    }
  }
}

function isLower(code: number): boolean {
  return code >= LETTER_A && code < LETTER_A + LETTERS;
}

/** Text of one token; U+FFFD for an id that no token has. */
export function decodeOne(id: number): string {
  if (!Number.isInteger(id) || id < 0 || id >= VOCABULARY_SIZE) return "\uFFFD";
  if (id >= CHARACTERS_START) return String.fromCodePoint(id - CHARACTERS_START).toWellFormed();
  if (id >= PAIRS_START) return decodePair(id - PAIRS_START);
  if (id >= SPACED_WORDS_START) return prefixed(WORDS[id - SPACED_WORDS_START]);
  return WORDS[id] ?? "\uFFFD";
}

function decodePair(pair: number): string {
  if (pair >= LETTERS * LETTERS) return "\uFFFD";
  return String.fromCharCode(LETTER_A + Math.floor(pair / LETTERS), LETTER_A + (pair % LETTERS));
}

function prefixed(word: string | undefined): string {
  return word === undefined ? "\uFFFD" : ` ${word}`;
}

/** Text of a list of ids. */
export function decode(ids: readonly number[]): string {
  return ids.map(decodeOne).join("");
}

/** The text cut into its tokens; joined they are the text again. */
export function pieces(text: string): string[] {
  return encode(text).map(decodeOne);
}
