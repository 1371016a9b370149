/** Reads a `require` box: what one backend, or this cell, must be. */
import { certificateSet, countrySet, domainOf, memberSet, readTexts } from "./constants.ts";
import { readConditions, type Reading, readRung } from "./conditions.ts";
import { isFields, type Place, shown } from "./problems.ts";
import type { Atom, Box, Test } from "./rule.ts";
import { type Attribute, NUMBER_MAX, REQUEST_ATTRIBUTES, TARGET_ATTRIBUTES, targetAttribute } from "./vocabulary/attributes.ts";
import { suggest } from "./vocabulary/suggest.ts";

const TARGET_NAMES: readonly string[] = TARGET_ATTRIBUTES.flatMap(({ name }) => [`backend.${name}`, `self.${name}`]);
const REQUEST_NAMES: readonly string[] = REQUEST_ATTRIBUTES.map(({ name }) => `request.${name}`);

/** Atoms of a `require` mapping; what could not be read is refused and left out, and a document with refusals never becomes law. */
export function readBox(value: unknown, { lexicon, place }: Reading): Box {
  if (!isFields(value) || Object.keys(value).length === 0) {
    place.refuse(
      `attributes with their conditions are needed here, not ${shown(value)}`,
      "write for example: backend.location.country: { in: [DE] }",
    );
    return [];
  }
  return Object.entries(value).flatMap(([name, conditions]) => readAtoms(name, conditions, { lexicon, place: place.at(name) }));
}

function readAtoms(name: string, conditions: unknown, { lexicon, place }: Reading): readonly Atom[] {
  const prefix = /^(backend|self)\./.exec(name)?.[1];
  const attribute = prefix === undefined ? undefined : targetAttribute(name.slice(prefix.length + 1));
  if (attribute === undefined) {
    place.refuse(`"${name}" is not an attribute of this version`, hintFor(name));
    return [];
  }
  return readConditions(attribute, conditions, place).flatMap(([operator, operand]) => {
    const before = place.problems;
    const test = readTest(attribute, operator, { operand, lexicon, place: place.at(operator) });
    return test === undefined || place.problems > before
      ? []
      : [{ subject: prefix === "self" ? "self" : "target", name, attribute, test, wanted: `${operator} ${worded(operand)}` }];
  });
}

function hintFor(name: string): string {
  if (REQUEST_NAMES.includes(name)) return `"${name}" belongs into when`;
  if (targetAttribute(name) !== undefined) return `did you mean "backend.${name}"?`;
  return suggest(name, TARGET_NAMES) ?? "the vocabulary is in docs/reference/policies.md";
}

interface Operand extends Reading {
  readonly operand: unknown;
}

function readTest(attribute: Attribute, operator: string, { operand, lexicon, place }: Operand): Test | undefined {
  if (attribute.kind === "number" || attribute.kind === "ladder") {
    const bound = attribute.kind === "number" ? readNumber(operand, place) : readRung(attribute.values, operand, place);
    if (bound === undefined) return undefined;
    return operator === "at_least"
      ? { kind: "range", least: bound, most: Number.POSITIVE_INFINITY }
      : { kind: "range", least: 0, most: bound };
  }
  const texts = attribute.kind === "flag" ? readFlags(operand, place) : readTexts(operand, place);
  if (texts === undefined) return undefined;
  if (attribute.kind === "certificates") return { kind: "certificates", wanted: certificateSet(texts, place), all: operator === "has_all" };
  if (attribute.kind === "country" || attribute.kind === "countries")
    return { kind: "members", allowed: countrySet(texts, lexicon.sets, place) };
  return { kind: "members", allowed: memberSet(texts, domainOf(attribute, lexicon.ids), place) };
}

function readNumber(value: unknown, place: Place): number | undefined {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= NUMBER_MAX) return value;
  return void place.refuse(`a whole number from 0 to ${NUMBER_MAX} is needed here, not ${shown(value)}`);
}

function readFlags(value: unknown, place: Place): readonly string[] | undefined {
  if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "boolean")) return value.map(String);
  return void place.refuse(`a list of true or false is needed here, not ${shown(value)}`, "write [true] or [false]");
}

function worded(operand: unknown): string {
  return Array.isArray(operand) ? `[${operand.map(String).join(", ")}]` : String(operand);
}
