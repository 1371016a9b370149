/** The closed list of what a rule may speak of. A word that is not here does not load. */
import { CAPABILITIES } from "../../domain/fleet.ts";
import { CERTIFICATES } from "./certificates.ts";
import { COUNTRIES } from "./countries.ts";
import { CLASSES, CONTENT_LOGGING, KEY_CUSTODY, TENANCY } from "./ladders.ts";

/** Operators of each kind. All of them hold only for a fact that is known, valid and well enough evidenced. */
export const OPERATORS = {
  /** One place, or all the places of a multi-location offer: every one of them must be in the list. */
  country: ["in"],
  countries: ["subset_of"],
  enum: ["in"],
  flag: ["in"],
  /** An id of this configuration. */
  id: ["in"],
  number: ["at_least", "at_most"],
  ladder: ["at_least", "at_most"],
  certificates: ["has_all", "has_any"],
} as const satisfies Record<string, readonly string[]>;

/** Numbers of facts and rules are whole, from 0 to this. */
export const NUMBER_MAX = 2_147_483_647;

export type AttributeKind = keyof typeof OPERATORS;

/** Which declared ids an `id` attribute takes. */
export type IdDomain = "operators" | "sites" | "models";

export interface Attribute {
  /** Without "backend.", "self." or "request.". */
  readonly name: string;
  /** Position in the table, which is its place in compiled facts. */
  readonly slot: number;
  readonly kind: AttributeKind;
  /** Allowed values of an enum, rungs of a ladder (weakest first), codes of certificates. */
  readonly values: readonly string[];
  /** Position of each value. */
  readonly indexes: ReadonlyMap<string, number>;
  readonly ids: IdDomain | undefined;
  readonly meaning: string;
}

type Entry = readonly [name: string, kind: AttributeKind, meaning: string, values?: readonly string[] | undefined, ids?: IdDomain];

/** What every attribute of a kind can be. */
const VALUES: Readonly<Partial<Record<AttributeKind, readonly string[]>>> = {
  flag: ["false", "true"],
  country: COUNTRIES,
  countries: COUNTRIES,
  certificates: CERTIFICATES,
};

function attribute([name, kind, meaning, given, ids]: Entry, slot: number): Attribute {
  const values = given ?? VALUES[kind] ?? [];
  return { name, slot, kind, values, indexes: new Map(values.map((value, index) => [value, index])), ids, meaning };
}

const TARGET: readonly Entry[] = [
  ["location.country", "country", "where the accelerator computes"],
  ["location.site", "id", "the site that the backend belongs to", undefined, "sites"],
  ["location.at_rest", "countries", "where content is stored"],
  ["location.logs", "countries", "where logs, traces and metrics lie"],
  ["location.backup", "countries", "where backups lie"],
  ["location.ingress", "countries", "where TLS ends in front of the backend"],
  ["operator.id", "id", "the operator, by its id in this configuration", undefined, "operators"],
  ["operator.country", "country", "seat of the legal entity that runs it"],
  ["operator.parents", "countries", "seats of every controlling entity up to the ultimate parent, the entity itself included"],
  ["operator.us_nexus", "flag", "establishment in the United States, or exposure to its orders without a parent there"],
  ["support.countries", "countries", "from where people can touch it"],
  ["dns.countries", "countries", "where the resolvers are that see its name"],
  ["certs", "certificates", "certificates, each with its own end"],
  ["tenancy", "ladder", "how much of the machine is shared", TENANCY],
  ["retention.days", "number", "days that prompts and completions are kept"],
  ["retention.abuse_log_days", "number", "days that content is kept for abuse monitoring"],
  ["train_on_data", "flag", "whether content may be used for training"],
  ["audit_rights", "flag", "whether the contract lets the customer and its regulator audit"],
  ["logging.content", "ladder", "how much content reaches logs", CONTENT_LOGGING],
  ["prefix_cache", "enum", "how the engine's prefix cache is partitioned", ["off", "salted", "shared"]],
  ["key.custody", "ladder", "who holds the keys of stored data", KEY_CUSTODY],
  ["egress.pinned", "flag", "whether addresses are pinned when a connection is opened"],
  ["status", "enum", "what its operator says of it", ["active", "drain", "suspended"]],
  ["embargo", "flag", "whether a sanction or an export ban touches it"],
];

const REQUEST: readonly Entry[] = [
  ["class", "ladder", "confidentiality; the tenant's default, or higher by header", CLASSES],
  ["endpoint", "enum", "which kind of inference", CAPABILITIES],
  ["model", "id", "the model behind the alias", undefined, "models"],
];

/** Facts of a backend ("backend.…") and of this cell ("self.…"). */
export const TARGET_ATTRIBUTES: readonly Attribute[] = TARGET.map(attribute);
/** What guards may look at ("request.…"). */
export const REQUEST_ATTRIBUTES: readonly Attribute[] = REQUEST.map(attribute);

const TARGET_BY_NAME: ReadonlyMap<string, Attribute> = new Map(TARGET_ATTRIBUTES.map((each) => [each.name, each]));
const REQUEST_BY_NAME: ReadonlyMap<string, Attribute> = new Map(REQUEST_ATTRIBUTES.map((each) => [each.name, each]));

/** A fact's attribute by its bare name, "location.country". */
export const targetAttribute = (name: string): Attribute | undefined => TARGET_BY_NAME.get(name);
/** A guard's attribute by its bare name, "class". */
export const requestAttribute = (name: string): Attribute | undefined => REQUEST_BY_NAME.get(name);
