/** Turns one document into rules. Every problem is collected; a document with one problem becomes no law at all. */
import { BOUNDS } from "../bounds.ts";
import type { PolicySource } from "../domain/estate.ts";
import { EVIDENCE } from "../domain/facts.ts";
import { readBox } from "./box.ts";
import { type Ids, oneOf } from "./constants.ts";
import type { Reading } from "./conditions.ts";
import { contradictions } from "./contradictions.ts";
import { readGuard } from "./guard.ts";
import { type Fields, isFields, Place, type Problem, shown } from "./problems.ts";
import type { AppliesTo, Box, Rule } from "./rule.ts";
import { CERTIFICATES_RELEASE } from "./vocabulary/certificates.ts";
import { EVIDENCE_RANK } from "./vocabulary/ladders.ts";
import { SET_RELEASES, UNPINNED_SETS } from "./vocabulary/sets.ts";
import { suggest } from "./vocabulary/suggest.ts";

const DOCUMENT_FIELDS: readonly string[] = ["apiVersion", "kind", "metadata", "uses", "applies_to", "rules"];
const METADATA_FIELDS: readonly string[] = ["id", "level", "subject", "version", "owner", "description"];
const USES_FIELDS: readonly string[] = ["sets", "certs"];
const RULE_FIELDS: readonly string[] = ["id", "when", "require", "any_of", "applies_to", "min_evidence", "cite", "description"];
const APPLIES_TO: readonly AppliesTo[] = ["backend", "self", "both"];
const ALTERNATIVES_MIN = 2;
const ALTERNATIVES_MAX = 4;

/** Fields of the language that this version cannot keep, and must not seem to keep. */
const LATER: ReadonlyMap<string, string> = new Map([
  ["obligations", "obligations are not part of this version: a promise that cannot be kept does not load"],
  ["proofs", "proofs are not checked by this version"],
  ["defaults", "the class of a request that does not say is default_class of its tenant"],
  ["effective_from", "a document is in force when it is loaded"],
  ["review_by", "this version does not watch review dates"],
  ["supersedes", "this version does not check the history of documents"],
]);

/** Rules of a document, in its order. What is wrong is added to `problems`. */
export function compileDocument(source: PolicySource, ids: Ids, problems: Problem[]): readonly Rule[] {
  const place = new Place(problems, source.where);
  const { document } = source;
  if (!isFields(document)) return refused(place, `a policy is a mapping with rules, not ${shown(document)}`);
  closed(document, DOCUMENT_FIELDS, place);
  exactly(document, { apiVersion: "sovereignty/v1", kind: "Policy" }, place);
  readMetadata(document["metadata"], source, place.at("metadata"));
  const lexicon = { ids, sets: readUses(document["uses"], place.at("uses")) };
  const appliesTo = readAppliesTo(document["applies_to"], place.at("applies_to")) ?? "both";
  const { rules } = document;
  if (!Array.isArray(rules) || rules.length === 0)
    return refused(place.at("rules"), `a list of at least one rule is needed here, not ${shown(rules)}`);
  const most = BOUNDS.policyRulesPerDocumentMax;
  if (rules.length > most) return refused(place.at("rules"), `${rules.length} rules are more than the ${most} that a document may have`);
  return rules.flatMap((rule: unknown, index) => readRule(rule, { lexicon, place: place.at("rules", index), source, appliesTo }));
}

function refused(place: Place, message: string): readonly Rule[] {
  place.refuse(message);
  return [];
}

/** Refuses every field that is not in the list. */
function closed(fields: Fields, known: readonly string[], place: Place): void {
  for (const name of Object.keys(fields)) {
    if (!known.includes(name)) place.at(name).refuse(`unknown field "${name}"`, LATER.get(name) ?? suggest(name, known) ?? oneOf(known));
  }
}

function exactly(fields: Fields, wanted: Readonly<Record<string, string>>, place: Place): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (fields[name] !== undefined && fields[name] !== value)
      place.at(name).refuse(`${shown(fields[name])} is not understood`, `write "${value}"`);
  }
}

function readMetadata(value: unknown, source: PolicySource, place: Place): void {
  if (value === undefined) return;
  if (!isFields(value)) return place.refuse(`a mapping is needed here, not ${shown(value)}`);
  closed(value, METADATA_FIELDS, place);
  exactly(value, { level: source.level, subject: source.subject }, place);
}

/** The pinned release of the sets. */
function readUses(value: unknown, place: Place): string {
  if (value === undefined) return UNPINNED_SETS;
  if (!isFields(value)) {
    place.refuse(`a mapping is needed here, not ${shown(value)}`);
    return UNPINNED_SETS;
  }
  closed(value, USES_FIELDS, place);
  exactly(value, { certs: CERTIFICATES_RELEASE }, place);
  const { sets } = value;
  if (typeof sets === "string" && SET_RELEASES.has(sets)) return sets;
  if (sets !== undefined)
    place.at("sets").refuse(`${shown(sets)} is not a release that this version knows`, oneOf([...SET_RELEASES.keys()]));
  return UNPINNED_SETS;
}

function readAppliesTo(value: unknown, place: Place): AppliesTo | undefined {
  if (value === undefined) return undefined;
  const found = APPLIES_TO.find((each) => each === value);
  if (found === undefined) place.refuse(`${shown(value)} is not understood`, oneOf(APPLIES_TO));
  return found;
}

interface RuleReading extends Reading {
  readonly source: PolicySource;
  readonly appliesTo: AppliesTo;
}

function readRule(value: unknown, { lexicon, place, source, appliesTo }: RuleReading): readonly Rule[] {
  if (!isFields(value)) return refused(place, `a rule is a mapping, not ${shown(value)}`);
  closed(value, RULE_FIELDS, place);
  const box: Box = value["require"] === undefined ? [] : readBox(value["require"], { lexicon, place: place.at("require") });
  const anyOf = readAlternatives(value["any_of"], { lexicon, place: place.at("any_of") });
  if (value["require"] === undefined && value["any_of"] === undefined)
    place.refuse("a rule that requires nothing is no rule", "add require or any_of");
  refuseContradictions(box, anyOf, place);
  const rule: Rule = {
    id: readId(value["id"], place),
    level: source.level,
    appliesTo: readAppliesTo(value["applies_to"], place.at("applies_to")) ?? appliesTo,
    guard: readGuard(value["when"], { lexicon, place: place.at("when") }),
    evidenceLeast: readEvidence(value["min_evidence"], place.at("min_evidence")),
    require: box,
    anyOf,
    cite: readCite(value["cite"], place.at("cite")),
  };
  return [rule];
}

function readAlternatives(value: unknown, { lexicon, place }: Reading): readonly Box[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length < ALTERNATIVES_MIN || value.length > ALTERNATIVES_MAX) {
    place.refuse(
      `${ALTERNATIVES_MIN} to ${ALTERNATIVES_MAX} alternatives are needed here, not ${shown(value)}`,
      "a single alternative is a require",
    );
    return [];
  }
  return value.map((each: unknown, index) => readBox(each, { lexicon, place: place.at(index) }));
}

function refuseContradictions(require: Box, anyOf: readonly Box[], place: Place): void {
  const inner = contradictions(require);
  for (const name of inner) place.at("require", name).refuse(`nothing can meet these conditions on ${name}`, "they exclude each other");
  anyOf.forEach((box, index) => {
    const attributes = new Set(box.map((atom) => atom.name));
    for (const name of contradictions([...require, ...box])) {
      if (attributes.has(name) && !inner.includes(name))
        place.at("any_of", index, name).refuse(`nothing can meet this alternative on ${name}`, "it excludes itself or the rule's require");
    }
  });
}

function readId(value: unknown, place: Place): string {
  if (typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) return value;
  place.at("id").refuse(`a rule needs an id, not ${shown(value)}`, "1 to 64 letters, digits, dots, dashes, underscores");
  return "";
}

function readEvidence(value: unknown, place: Place): number {
  if (value === undefined) return 0;
  const rank = typeof value === "string" ? EVIDENCE_RANK.get(value) : undefined;
  if (rank === undefined) place.refuse(`${shown(value)} is not a rung of evidence`, `weakest first: ${EVIDENCE.join(", ")}`);
  return rank ?? 0;
}

function readCite(value: unknown, place: Place): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  return void place.refuse(`a text is needed here, not ${shown(value)}`);
}
