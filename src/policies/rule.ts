/** Compiled law: what a document becomes. Plain data; nothing in it can widen what another rule permits. */
import type { Capability } from "../domain/fleet.ts";
import type { Level } from "../domain/law.ts";
import type { Attribute } from "./vocabulary/attributes.ts";

/** Whom a rule judges: backends, this cell, or both. */
export type AppliesTo = "backend" | "self" | "both";
export type Side = Exclude<AppliesTo, "both">;

/** What an atom asks of one fact. Numbers index the domain of the attribute (countries, certificates, enum values, ids). */
export type Test =
  /** Every member of the fact is allowed. */
  | { readonly kind: "members"; readonly allowed: Uint8Array }
  /** Both ends included; a ladder counts its rungs from 0. */
  | { readonly kind: "range"; readonly least: number; readonly most: number }
  /** Certificates held: all of the wanted, or any. */
  | { readonly kind: "certificates"; readonly wanted: readonly number[]; readonly all: boolean };

/** One question about one fact. */
export interface Atom {
  /** "target": the backend being judged, or this cell when it is judged itself. "self": this cell always. */
  readonly subject: "target" | "self";
  /** The attribute as the document writes it: "backend.location.country". */
  readonly name: string;
  readonly attribute: Attribute;
  readonly test: Test;
  /** For people: "in [@EEA]". */
  readonly wanted: string;
}

/** Atoms that must all hold. */
export type Box = readonly Atom[];

/** When a rule applies; everything that is undefined matches always. */
export interface Guard {
  /** Ranks on the class ladder, both included. */
  readonly classLeast: number;
  readonly classMost: number;
  readonly endpoints: ReadonlySet<string> | undefined;
  readonly models: ReadonlySet<string> | undefined;
}

export const ALWAYS: Guard = { classLeast: 0, classMost: Number.POSITIVE_INFINITY, endpoints: undefined, models: undefined };

export interface Rule {
  readonly id: string;
  readonly level: Level;
  readonly appliesTo: AppliesTo;
  readonly guard: Guard;
  /** Evidence rank that every fact of this rule needs at least. */
  readonly evidenceLeast: number;
  readonly require: Box;
  /** One of these must hold as well; empty: no such demand. */
  readonly anyOf: readonly Box[];
  /** Law and article. */
  readonly cite: string | undefined;
}

/** What a guard looks at. undefined: not known yet (the body is unread), so a guard on it may match and is taken to. */
export interface Circumstances {
  /** Rank of the tenant's default class. */
  readonly classFrom: number;
  /** Rank of the class that the request raised it to; the same when it did not. */
  readonly classTo: number;
  readonly capability: Capability | undefined;
  readonly model: string | undefined;
}

/**
 * Whether a rule with this guard applies. A raised request must be lawful as every class from its default to the raised one, or a header
 * could shake off the rules of the lower class: so a guard matches when it matches any of them.
 */
export function matches(guard: Guard, { classFrom, classTo, capability, model }: Circumstances): boolean {
  if (classTo < guard.classLeast || classFrom > guard.classMost) return false;
  if (guard.endpoints !== undefined && capability !== undefined && !guard.endpoints.has(capability)) return false;
  return guard.models === undefined || model === undefined || guard.models.has(model);
}
