/** Reads a `when` mapping: the requests that a rule is for. */
import { domainOf, memberSet, oneOf, readTexts } from "./constants.ts";
import { readConditions, type Reading, readRung } from "./conditions.ts";
import { isFields, shown } from "./problems.ts";
import { ALWAYS, type Guard } from "./rule.ts";
import { type Attribute, REQUEST_ATTRIBUTES, requestAttribute, targetAttribute } from "./vocabulary/attributes.ts";
import { suggest } from "./vocabulary/suggest.ts";

const NAMES: readonly string[] = REQUEST_ATTRIBUTES.map(({ name }) => `request.${name}`);

/** The guard of a rule; an absent `when` means always. */
export function readGuard(value: unknown, { lexicon, place }: Reading): Guard {
  if (value === undefined) return ALWAYS;
  if (!isFields(value) || Object.keys(value).length === 0) {
    place.refuse(
      `request attributes with their conditions are needed here, not ${shown(value)}`,
      "leave out when for a rule that applies always",
    );
    return ALWAYS;
  }
  let guard = ALWAYS;
  for (const [name, conditions] of Object.entries(value))
    guard = { ...guard, ...readCircumstance(name, conditions, { lexicon, place: place.at(name) }) };
  if (guard.classLeast > guard.classMost)
    place.at("request.class").refuse("no class lies in this range, so the rule would never apply", "at_least must not be above at_most");
  return guard;
}

function readCircumstance(name: string, conditions: unknown, { lexicon, place }: Reading): Partial<Guard> {
  const attribute = name.startsWith("request.") ? requestAttribute(name.slice("request.".length)) : undefined;
  if (attribute === undefined) {
    place.refuse(`"${name}" is not a request attribute of this version`, misplaced(name) ?? suggest(name, NAMES) ?? oneOf(NAMES));
    return {};
  }
  if (attribute.kind === "ladder") return readClass(attribute, conditions, { lexicon, place });
  const values = readConditions(attribute, conditions, place).flatMap(([operator, operand]) => {
    const texts = readTexts(operand, place.at(operator)) ?? [];
    memberSet(texts, domainOf(attribute, lexicon.ids), place.at(operator));
    return texts;
  });
  return attribute.name === "model" ? { models: new Set(values) } : { endpoints: new Set(values) };
}

function misplaced(name: string): string | undefined {
  const bare = /^(?:backend|self)\.(.*)$/.exec(name)?.[1];
  return bare !== undefined && targetAttribute(bare) !== undefined ? `"${name}" belongs into require` : undefined;
}

function readClass(attribute: Attribute, conditions: unknown, { place }: Reading): Partial<Guard> {
  let bounds: Partial<Guard> = {};
  for (const [operator, operand] of readConditions(attribute, conditions, place)) {
    const rank = readRung(attribute.values, operand, place.at(operator));
    if (rank !== undefined) bounds = operator === "at_least" ? { ...bounds, classLeast: rank } : { ...bounds, classMost: rank };
  }
  return bounds;
}
