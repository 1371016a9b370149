/** Turns the constants of a rule into index sets. Every constant is looked up in a closed list; one that is not there is refused. */
import { type Place, shown } from "./problems.ts";
import type { Attribute, IdDomain } from "./vocabulary/attributes.ts";
import { CERTIFICATE_INDEX, CERTIFICATES } from "./vocabulary/certificates.ts";
import { COUNTRIES, COUNTRY_INDEX, countryHint } from "./vocabulary/countries.ts";
import { SET_RELEASES, membersOf } from "./vocabulary/sets.ts";
import { suggest } from "./vocabulary/suggest.ts";

/** The ids that this configuration declares, each with its index. */
export type Ids = Readonly<Record<IdDomain, ReadonlyMap<string, number>>>;

/** What constants mean in one document. */
export interface Lexicon {
  readonly ids: Ids;
  /** Release of the sets. */
  readonly sets: string;
}

/** Non-empty list of texts, or undefined after a refusal. */
export function readTexts(value: unknown, place: Place): readonly string[] | undefined {
  if (!Array.isArray(value))
    return void place.refuse(`a list is needed here, not ${shown(value)}`, `write [${typeof value === "string" ? value : "…"}]`);
  if (value.length === 0) return void place.refuse("an empty list can never hold", "name at least one value, or leave the rule out");
  const texts: string[] = [];
  value.forEach((each: unknown, index) => {
    if (typeof each === "string") texts.push(each);
    else place.at(index).refuse(`${shown(each)} is not a text`, each === false ? 'for Norway write "NO" in quotes' : undefined);
  });
  return texts.length === value.length ? texts : undefined;
}

/** Codes that one entry of a country list stands for: "DE", "@EU". */
function countriesOf(entry: string, release: string, place: Place): readonly string[] {
  if (!entry.startsWith("@")) {
    if (COUNTRY_INDEX.has(entry)) return [entry];
    place.refuse(`${shown(entry)} is not an assigned country code`, countryHint(entry));
    return [];
  }
  const members = membersOf(release, entry.slice(1));
  if (members === undefined)
    place.refuse(
      `"${entry}" is not a set of release ${release}`,
      suggest(
        entry,
        [...(SET_RELEASES.get(release)?.keys() ?? [])].map((name) => `@${name}`),
      ),
    );
  return members ?? [];
}

/** Union of the entries, less those written with a minus ("@EU", "-HU"); the order does not matter. */
export function countrySet(entries: readonly string[], release: string, place: Place): Uint8Array {
  const allowed = new Uint8Array(COUNTRIES.length);
  entries.forEach((entry, index) => {
    if (!entry.startsWith("-")) mark(allowed, countriesOf(entry, release, place.at(index)), 1);
  });
  if (!allowed.includes(1)) {
    const excluding = entries.every((entry) => entry.startsWith("-"));
    if (excluding) place.refuse("a list of exclusions alone permits nothing", 'begin with what is permitted: ["@ALL_ASSIGNED", "-…"]');
    return allowed;
  }
  entries.forEach((entry, index) => {
    if (!entry.startsWith("-")) return;
    const codes = countriesOf(entry.slice(1), release, place.at(index));
    const useless = codes.length > 0 && !mark(allowed, codes, 0);
    if (useless) place.at(index).refuse(`"${entry}" takes nothing away`, "it names no member of the rest of the list");
  });
  if (!allowed.includes(1)) place.refuse("the exclusions leave nothing", "a rule that nothing can meet is an error");
  return allowed;
}

/** Sets these codes to a value; says whether that changed any. */
function mark(allowed: Uint8Array, codes: readonly string[], value: 0 | 1): boolean {
  let changed = false;
  for (const code of codes) {
    const index = COUNTRY_INDEX.get(code);
    if (index === undefined) continue;
    changed ||= allowed[index] !== value;
    allowed[index] = value;
  }
  return changed;
}

/** Indexes of certificate codes. */
export function certificateSet(codes: readonly string[], place: Place): readonly number[] {
  const wanted: number[] = [];
  codes.forEach((code, position) => {
    const index = CERTIFICATE_INDEX.get(code);
    if (index === undefined) place.at(position).refuse(`${shown(code)} is not a registered certificate`, suggest(code, CERTIFICATES));
    else wanted.push(index);
  });
  return wanted;
}

/** Values of an enum or declared ids, as an index set. */
export function memberSet(values: readonly string[], known: ReadonlyMap<string, number>, place: Place): Uint8Array {
  const allowed = new Uint8Array(known.size);
  values.forEach((value, position) => {
    const index = known.get(value);
    if (index === undefined)
      place.at(position).refuse(`${shown(value)} is not known here`, suggest(value, known.keys()) ?? oneOf([...known.keys()]));
    else allowed[index] = 1;
  });
  return allowed;
}

/** Index of every value that an attribute without numbers can take. */
export function domainOf(attribute: Attribute, ids: Ids): ReadonlyMap<string, number> {
  return attribute.ids === undefined ? attribute.indexes : ids[attribute.ids];
}

/** A hint that lists what is allowed, when that is short. */
export function oneOf(values: readonly string[]): string | undefined {
  return values.length > 0 && values.length <= 12 ? `one of: ${values.join(", ")}` : undefined;
}
