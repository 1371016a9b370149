/**
 * Named sets of countries, as data with a release id. A document pins the release it was written against, so a new member never
 * slips into a rule unseen; a change of the lists is a new release beside the old one, never an edit.
 */
import { COUNTRIES } from "./countries.ts";

/** Members that joined together, by one act. */
export interface Membership {
  /** ISO 3166-1 alpha-2, separated by blanks. */
  readonly codes: string;
  /** Date of effect (RFC 3339 full-date); undefined: no single date. */
  readonly from: string | undefined;
  readonly source: string;
}

export interface CountrySet {
  readonly members: readonly Membership[];
  /** What the set does not mean. */
  readonly note: string | undefined;
}

/** The release that this version was built with. */
export const NEWEST_SETS = "2026-11-22.1";
/** What a document that pins nothing was written against: the first release, for ever, so that an upgrade cannot widen it. */
export const UNPINNED_SETS = "2026-11-22.1";

const EU_27: readonly Membership[] = [
  { codes: "BE DE FR IT LU NL", from: "1958-01-01", source: "Treaty of Rome" },
  { codes: "DK IE", from: "1973-01-01", source: "Accession Treaty 1972" },
  { codes: "GR", from: "1981-01-01", source: "Accession Treaty 1979" },
  { codes: "ES PT", from: "1986-01-01", source: "Accession Treaty 1985" },
  { codes: "AT FI SE", from: "1995-01-01", source: "Accession Treaty 1994" },
  { codes: "CY CZ EE HU LT LV MT PL SI SK", from: "2004-05-01", source: "Accession Treaty 2003" },
  { codes: "BG RO", from: "2007-01-01", source: "Accession Treaty 2005" },
  { codes: "HR", from: "2013-07-01", source: "Accession Treaty 2011" },
];
const EU_OUTERMOST: readonly Membership[] = [
  { codes: "AX", from: "1995-01-01", source: "Protocol 2 to the Accession Treaty 1994" },
  { codes: "GF GP MF MQ RE YT", from: undefined, source: "TFEU art. 349 and 355(1)" },
];
const EEA_EFTA: readonly Membership[] = [
  { codes: "IS NO", from: "1994-01-01", source: "EEA Agreement" },
  { codes: "LI", from: "1995-05-01", source: "EEA Council decision 1/95" },
];
const ADEQUATE: readonly Membership[] = [
  { codes: "CH", from: "2000-07-26", source: "Decision 2000/518/EC" },
  { codes: "AR", from: "2003-06-30", source: "Decision 2003/490/EC" },
  { codes: "GG", from: "2003-11-21", source: "Decision 2003/821/EC" },
  { codes: "IM", from: "2004-04-28", source: "Decision 2004/411/EC" },
  { codes: "JE", from: "2008-05-08", source: "Decision 2008/393/EC" },
  { codes: "FO", from: "2010-03-05", source: "Decision 2010/146/EU" },
  { codes: "AD", from: "2010-10-19", source: "Decision 2010/625/EU" },
  { codes: "IL", from: "2011-01-31", source: "Decision 2011/61/EU" },
  { codes: "UY", from: "2012-08-21", source: "Decision 2012/484/EU" },
  { codes: "NZ", from: "2012-12-19", source: "Decision 2013/65/EU" },
  { codes: "GB", from: "2021-06-28", source: "Decision (EU) 2021/1772" },
  { codes: "KR", from: "2021-12-17", source: "Decision (EU) 2022/254" },
];
const ASEAN: readonly Membership[] = [
  { codes: "ID MY PH SG TH", from: "1967-08-08", source: "Bangkok Declaration" },
  { codes: "BN", from: "1984-01-07", source: "Declaration of admission" },
  { codes: "VN", from: "1995-07-28", source: "Declaration of admission" },
  { codes: "LA MM", from: "1997-07-23", source: "Declaration of admission" },
  { codes: "KH", from: "1999-04-30", source: "Declaration of admission" },
  { codes: "TL", from: "2025-10-26", source: "Declaration of admission" },
];
const CONCERN = "28 CFR 202.601, with Hong Kong and Macau as 28 CFR 202.209 reads China";

const one = (codes: string, from: string | undefined, source: string): readonly Membership[] => [{ codes, from, source }];
const POLITICAL = "a political body: says nothing about data protection";

const RELEASE_2026_11_22_1: ReadonlyMap<string, CountrySet> = new Map<string, CountrySet>([
  ["EU", { members: [...EU_27, ...EU_OUTERMOST], note: "with Åland and the outermost regions that have codes of their own; not GB-NIR" }],
  ["EU_STRICT", { members: EU_27, note: "the 27 member states without overseas codes" }],
  ["EEA", { members: [...EU_27, ...EU_OUTERMOST, ...EEA_EFTA], note: "@EU, Iceland, Liechtenstein, Norway; not Svalbard (SJ), not CH" }],
  ["EEA_STRICT", { members: [...EU_27, ...EEA_EFTA], note: "@EU_STRICT, Iceland, Liechtenstein, Norway" }],
  ["EU_ADEQUATE", { members: ADEQUATE, note: "unconditional decisions only: those that bind the recipient (CA, JP, US, BR) are left out" }],
  ["GCC", { members: one("AE BH KW OM QA SA", "1981-05-25", "Charter of the GCC"), note: POLITICAL }],
  ["ASEAN", { members: ASEAN, note: POLITICAL }],
  ["FIVE_EYES", { members: one("AU CA GB NZ US", undefined, "UKUSA Agreement"), note: "for exclusions" }],
  ["US_ALL", { members: one("US AS GU MP PR UM VI", undefined, "ISO 3166-2:US"), note: "the United States with its territories" }],
  ["US_COUNTRIES_OF_CONCERN", { members: one("CN HK MO CU IR KP RU VE", "2025-04-08", CONCERN), note: "for exclusions" }],
  ["CN_MAINLAND", { members: one("CN", undefined, "ISO 3166-1"), note: "without HK, MO and TW" }],
  ["ALL_ASSIGNED", { members: one(COUNTRIES.join(" "), "2026-11-22", "ISO 3166-1"), note: "every officially assigned code" }],
]);

/** Every release that this version still knows. */
export const SET_RELEASES: ReadonlyMap<string, ReadonlyMap<string, CountrySet>> = new Map([[NEWEST_SETS, RELEASE_2026_11_22_1]]);

/** Codes of one set; undefined: this release has no such set. */
export function membersOf(release: string, name: string): readonly string[] | undefined {
  return SET_RELEASES.get(release)
    ?.get(name)
    ?.members.flatMap((membership) => membership.codes.split(" "));
}
