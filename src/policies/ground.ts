/** Facts in the form that judging needs: looked up by slot, constants as indexes. Facts are judged against the vocabulary here, once. */
import { BOUNDS } from "../bounds.ts";
import type { Certificate, Fact, FactSheet } from "../domain/facts.ts";
import type { Backend } from "../domain/fleet.ts";
import type { BackendId, ModelId, OperatorId } from "../domain/ids.ts";
import { Columns } from "./columns.ts";
import { domainOf, type Ids, oneOf } from "./constants.ts";
import { Place, type Problem, shown } from "./problems.ts";
import { type Attribute, NUMBER_MAX, TARGET_ATTRIBUTES, targetAttribute } from "./vocabulary/attributes.ts";
import { CERTIFICATE_INDEX, CERTIFICATES, COVERED } from "./vocabulary/certificates.ts";
import { countryHint } from "./vocabulary/countries.ts";
import { EVIDENCE_RANK, REGISTRY_RANK } from "./vocabulary/ladders.ts";
import { suggest } from "./vocabulary/suggest.ts";

/** A fact that can be judged. */
export interface Known {
  /** Indexes of its values; never empty. One number for `number` and `ladder`. */
  readonly members: readonly number[];
  readonly rank: number;
  /** Unix milliseconds from which it counts no more; Infinity: never. */
  readonly untilMs: number;
}

export interface Held {
  /** 1 at the index of each code that it stands for. */
  readonly covers: Uint8Array;
  readonly rank: number;
  readonly untilMs: number;
}

/** A backend, or this cell, as judged. */
export interface Target {
  /** By slot of the attribute. */
  readonly known: readonly (Known | undefined)[];
  readonly certificates: readonly Held[];
}

/** Everything that rules are judged on. Targets are the backends in order, and this cell last. */
export interface Ground {
  readonly backends: readonly Backend[];
  readonly targets: readonly Target[];
  readonly columns: Columns;
  readonly self: Target;
  readonly selfFacts: FactSheet;
  readonly indexOf: ReadonlyMap<BackendId, number>;
  /** Indexes of the backends that declare a model. */
  readonly byModel: ReadonlyMap<ModelId, readonly number[]>;
  readonly byOperator: ReadonlyMap<OperatorId, readonly number[]>;
}

/** Facts that the registry assigns, and no sheet may contradict. */
const REGISTRY_FACTS: readonly string[] = ["operator.id", "location.site"];

/** Builds the ground; what is wrong with a fact is added to `problems`. */
export function readGround(
  backends: ReadonlyMap<BackendId, Backend>,
  self: FactSheet,
  { ids, problems }: { ids: Ids; problems: Problem[] },
): Ground {
  const all = [...backends.values()];
  const place = new Place(problems, (path) => path.join("."));
  if (all.length > BOUNDS.backendsMax)
    place.at("backends").refuse(`${all.length} backends are more than the ${BOUNDS.backendsMax} that a gateway may have`);
  const targets = all.map((backend) => readBackend(backend, ids, place.at("backends", backend.id)));
  const cell = readSheet(self, ids, place.at("self"));
  const judged = [...targets, cell];
  return {
    backends: all,
    targets: judged,
    columns: new Columns(judged),
    self: cell,
    selfFacts: self,
    indexOf: new Map(all.map((backend, index) => [backend.id, index])),
    byModel: indexes(all, (backend) => [...backend.models.keys()]),
    byOperator: indexes(all, (backend) => [backend.operator]),
  };
}

function indexes<K>(backends: readonly Backend[], keysOf: (backend: Backend) => readonly K[]): ReadonlyMap<K, readonly number[]> {
  const found = new Map<K, number[]>();
  backends.forEach((backend, index) => {
    for (const key of keysOf(backend)) {
      const list = found.get(key);
      if (list === undefined) found.set(key, [index]);
      else list.push(index);
    }
  });
  return found;
}

/** What can be judged of something that stands at a site. */
export function readBackend(backend: Pick<Backend, "id" | "facts" | "operator" | "site">, ids: Ids, place: Place): Target {
  if (backend.id === "self") place.refuse('a backend cannot be called "self"', "explanations use this name for the gateway itself");
  for (const name of REGISTRY_FACTS) {
    if (backend.facts.facts.has(name)) place.at("facts", name).refuse(`"${name}" follows from the registry`, "leave it out of the facts");
  }
  const sheet = readSheet(backend.facts, ids, place);
  const known = [...sheet.known];
  for (const [name, index] of [
    ["operator.id", ids.operators.get(backend.operator)],
    ["location.site", ids.sites.get(backend.site)],
  ] as const) {
    const slot = targetAttribute(name)?.slot;
    if (slot !== undefined)
      known[slot] = index === undefined ? undefined : { members: [index], rank: REGISTRY_RANK, untilMs: Number.POSITIVE_INFINITY };
  }
  return { known, certificates: sheet.certificates };
}

/** What can be judged of facts alone. */
export function readSheet(sheet: FactSheet, ids: Ids, place: Place): Target {
  const known: (Known | undefined)[] = Array.from({ length: TARGET_ATTRIBUTES.length }, () => undefined);
  for (const [name, fact] of sheet.facts) {
    const at = place.at("facts", name);
    const attribute = targetAttribute(name);
    if (attribute === undefined || attribute.kind === "certificates") {
      const hint =
        attribute === undefined
          ? suggest(
              name,
              TARGET_ATTRIBUTES.map((each) => each.name),
            )
          : "certificates have a list of their own";
      at.refuse(`"${name}" is not a fact of this version`, hint);
    } else known[attribute.slot] = readFact(attribute, fact, { ids, place: at });
  }
  const certificates = sheet.certificates.flatMap((certificate, index) => readCertificate(certificate, place.at("certificates", index)));
  return { known, certificates };
}

interface FactReading {
  readonly ids: Ids;
  readonly place: Place;
}

function readFact(attribute: Attribute, fact: Fact, { ids, place }: FactReading): Known | undefined {
  const members = attribute.kind === "number" ? readNumber(fact.value, place) : readMembers(attribute, fact.value, { ids, place });
  return members === undefined ? undefined : { members, rank: readRank(fact.evidence, place), untilMs: readEnd(fact.expiresAtMs, place) };
}

function readNumber(value: unknown, place: Place): readonly number[] | undefined {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= NUMBER_MAX) return [value];
  return void place.refuse(`a whole number from 0 to ${NUMBER_MAX} is needed here, not ${shown(value)}`);
}

function readMembers(attribute: Attribute, value: unknown, { ids, place }: FactReading): readonly number[] | undefined {
  const plural = attribute.kind === "country" || attribute.kind === "countries";
  const values: readonly unknown[] =
    Array.isArray(value) && plural ? value : [attribute.kind === "flag" && typeof value === "boolean" ? String(value) : value];
  if (values.length === 0) return void place.refuse("an empty list says nothing", "leave out a fact that is not known");
  const domain = domainOf(attribute, ids);
  const members: number[] = [];
  for (const each of values) {
    const index = typeof each === "string" && !(attribute.kind === "flag" && value === each) ? domain.get(each) : undefined;
    if (index === undefined) place.refuse(`${shown(each)} is not a value of ${attribute.name}`, valueHint(attribute, each, domain));
    else members.push(index);
  }
  return members.length === values.length ? members : undefined;
}

function valueHint(attribute: Attribute, value: unknown, domain: ReadonlyMap<string, number>): string | undefined {
  if (attribute.kind === "flag") return "write true or false";
  if (typeof value !== "string") return value === false ? 'for Norway write "NO" in quotes' : undefined;
  if (attribute.kind === "country" || attribute.kind === "countries")
    return value.startsWith("@") ? "a fact names countries, not a set" : countryHint(value);
  return suggest(value, domain.keys()) ?? oneOf([...domain.keys()]);
}

function readCertificate(certificate: Certificate, place: Place): readonly Held[] {
  const covers = COVERED[CERTIFICATE_INDEX.get(certificate.code) ?? -1];
  if (covers === undefined) {
    place.refuse(`${shown(certificate.code)} is not a registered certificate`, suggest(certificate.code, CERTIFICATES));
    return [];
  }
  return [{ covers, rank: readRank(certificate.evidence, place), untilMs: readEnd(certificate.expiresAtMs, place) }];
}

function readRank(evidence: string, place: Place): number {
  const rank = EVIDENCE_RANK.get(evidence);
  if (rank === undefined) place.refuse(`${shown(evidence)} is not a rung of evidence`, oneOf([...EVIDENCE_RANK.keys()]));
  return rank ?? -1;
}

function readEnd(expiresAtMs: number | undefined, place: Place): number {
  if (expiresAtMs === undefined) return Number.POSITIVE_INFINITY;
  if (!Number.isFinite(expiresAtMs)) place.refuse(`${String(expiresAtMs)} is not an instant`);
  return expiresAtMs;
}
