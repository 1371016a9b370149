/** The places that a fact or a rule may name: officially assigned ISO 3166-1 alpha-2 codes, and what to say about every other spelling. */

/** Sorted; a code's position is its index in every country table of a bundle. */
export const COUNTRIES: readonly string[] = (
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
  "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
  "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
  "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
  "NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
  "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
  "UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
).split(" ");

export const COUNTRY_INDEX: ReadonlyMap<string, number> = new Map(COUNTRIES.map((code, index) => [code, index]));

/** Spellings that people use for a place and ISO does not assign. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["UK", 'write "GB"'],
  ["EL", 'write "GR"'],
  ["EU", 'write the set "@EU"'],
  ["EEA", 'write the set "@EEA"'],
  ["XK", "XK is user-assigned, not an official code: this version has no opt-in for it"],
  ["ZZ", "leave out a fact that is not known; ZZ is not a place"],
  ["XX", "leave out a fact that is not known; XX is not a place"],
  ["USA", 'write "US"'],
  ["SU", "SU is no longer assigned: name the country of today"],
  ["YU", "YU is no longer assigned: name the country of today"],
  ["CS", "CS is no longer assigned: name the country of today"],
  ["AN", 'AN is no longer assigned: write "BQ", "CW" or "SX"'],
]);

/** What to write in place of a text that is no assigned code; undefined: nothing comes to mind. */
export function countryHint(text: string): string | undefined {
  const known = INSTEAD.get(text);
  if (known !== undefined) return known;
  const upper = text.toUpperCase();
  if (COUNTRY_INDEX.has(upper)) return `write "${upper}"`;
  if (COUNTRY_INDEX.has(text.trim())) return `write "${text.trim()}" without spaces`;
  const country = text.slice(0, 2);
  if (/^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(text) && COUNTRY_INDEX.has(country))
    return `subdivisions are not judged yet: "${country}" is the whole country`;
  return "use an officially assigned ISO 3166-1 alpha-2 code";
}
