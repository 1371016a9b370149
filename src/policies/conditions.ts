/** The common part of `require` and `when`: attribute, operators, operands, each from a closed list. */
import type { Lexicon } from "./constants.ts";
import { isFields, type Place, shown } from "./problems.ts";
import { type Attribute, OPERATORS } from "./vocabulary/attributes.ts";
import { suggest } from "./vocabulary/suggest.ts";

/** Where we are in a document, and what its words mean. */
export interface Reading {
  readonly lexicon: Lexicon;
  readonly place: Place;
}

/** Operators of one attribute with their operands; unknown ones are refused. */
export function readConditions(attribute: Attribute, conditions: unknown, place: Place): readonly (readonly [string, unknown])[] {
  const known: readonly string[] = OPERATORS[attribute.kind];
  if (!isFields(conditions) || Object.keys(conditions).length === 0) {
    place.refuse(`a condition is needed here, not ${shown(conditions)}`, `write for example: { ${known[0]}: … }`);
    return [];
  }
  return Object.entries(conditions).filter(([operator]) => {
    const fits = known.includes(operator);
    if (!fits) place.at(operator).refuse(`"${operator}" does not go with ${attribute.name}`, `this attribute takes ${known.join(" or ")}`);
    return fits;
  });
}

/** Rank of a rung, or undefined after a refusal. */
export function readRung(rungs: readonly string[], value: unknown, place: Place): number | undefined {
  const rank = typeof value === "string" ? rungs.indexOf(value) : -1;
  if (rank >= 0) return rank;
  const near = typeof value === "string" ? suggest(value, rungs) : undefined;
  return void place.refuse(`${shown(value)} is not a rung of this ladder`, near ?? `weakest first: ${rungs.join(", ")}`);
}
