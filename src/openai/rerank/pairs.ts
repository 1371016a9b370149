/**
 * Texts that a reranker reads two by two: the query again with each document, so that what is sent once may be read a thousand times. Its
 * engine counts every reading, and so must the hold.
 */
import { BOUNDS } from "../../bounds.ts";
import { Fault } from "../../faults.ts";
import { elements, isGiven, type Member, type Scanned } from "../json-scan.ts";
import { BYTE } from "../json-skip.ts";
import { mediaInContent } from "../media.ts";
import type { PromptSize } from "../read-call.ts";

type Fields = Scanned["fields"];

/** Names that go together, the one first that may stand against many. */
const SCORED_DEFAULT: readonly [string, string] = ["text_1", "text_2"];
const SCORED: readonly (readonly [string, string])[] = [
  SCORED_DEFAULT,
  ["data_1", "data_2"],
  ["queries", "documents"],
  ["queries", "items"],
];
const RERANKED: readonly [string, string] = ["query", "documents"];

const BYTES_PER_TOKEN = 4;

/** What the engine will read of all pairs together. @throws Fault missing_parameter, invalid_value */
export function pairsSize(wire: "rerank" | "score", body: Buffer, fields: Fields): PromptSize {
  const names = wire === "rerank" ? RERANKED : scoredNames(body, fields);
  const [one, many] = given(body, fields, names);
  const [ones, others] = [countOf(body, one), countOf(body, many)];
  if (ones > 1 && ones !== others) throw uneven(names, ones, others);
  // Nobody says in advance that a list of one is the single one: a longer second list reads it again and again.
  const repeats = ones > 1 ? 1 : others;
  const bytes = (one.end - one.start) * repeats + (many.end - many.start);
  const pairs = Math.max(ones, others);
  return { tokens: Math.ceil(bytes / BYTES_PER_TOKEN), tokensMax: bytes + pairs * BOUNDS.pairTemplateTokensMax };
}

/** How many parts of these texts carry media. @throws Fault as mediaParts does */
export function mediaInPairs(body: Buffer, fields: Fields): number {
  const names = new Set([...RERANKED, ...SCORED.flat()]);
  let parts = 0;
  for (const name of names) {
    const member = fields.get(name);
    if (member === undefined) continue;
    if (body[member.start] === BYTE.brace) parts += mediaInContent(body, member, name);
    else if (member.count > 0 && member.nested) {
      for (const [at, each] of elements(body, member).entries())
        if (body[each.start] === BYTE.brace) parts += mediaInContent(body, each, `${name}[${at}]`);
    }
  }
  return parts;
}

/** The names that the caller used; whatever is missing of them is told by what is there. */
function scoredNames(body: Buffer, fields: Fields): readonly [string, string] {
  const has = (name: string): boolean => isGiven(body, fields.get(name));
  return SCORED.find(([one, many]) => has(one) && has(many)) ?? SCORED.find(([one]) => has(one)) ?? SCORED_DEFAULT;
}

function given(body: Buffer, fields: Fields, [first, second]: readonly [string, string]): readonly [Member, Member] {
  const [one, many] = [fields.get(first), fields.get(second)];
  if (one === undefined || !isGiven(body, one)) throw missing(first);
  if (many === undefined || !isGiven(body, many)) throw missing(second);
  return [one, many];
}

/** Texts in a member: the elements of a list, else one. */
function countOf(body: Buffer, member: Member): number {
  return body[member.start] === BYTE.bracket ? member.count : 1;
}

function missing(name: string): Fault {
  return new Fault("missing_parameter", { text: `Missing required parameter: '${name}'.`, param: name });
}

function uneven([first, second]: readonly [string, string], ones: number, others: number): Fault {
  const text = `Invalid '${first}': ${ones} texts cannot be paired with the ${others} of '${second}'. Send one, or as many.`;
  return new Fault("invalid_value", { text, param: first });
}
