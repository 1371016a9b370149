/** Fact sheets: what is claimed of a place and an operator, carried down to what stands there; the nearest claim wins. */
import type { Certificate, Fact, FactSheet, FactValue } from "../../domain/facts.ts";
import { OPERATOR_FACTS, SITE_FACTS } from "../place.ts";
import type { CertificateFormat, FactFormat } from "../schema/facts.ts";
import type { FileFormat } from "../schema/file.ts";

interface Claims {
  readonly facts: Readonly<Record<string, FactFormat>>;
  readonly certificates: readonly CertificateFormat[];
}

/** What holds at a site: the operator's claims, then the site's. */
export function factsOfPlace(file: FileFormat, site: string | undefined, operator: string | undefined): FactSheet {
  const facts = new Map<string, Fact>();
  const certificates: Certificate[] = [];
  const operatorEntry = operator === undefined ? undefined : file.operators[operator];
  const siteEntry = site === undefined ? undefined : file.sites[site];
  if (operatorEntry !== undefined) {
    add(facts, certificates, operatorEntry);
    setFact(facts, OPERATOR_FACTS.country, operatorEntry.country);
    setFact(facts, OPERATOR_FACTS.parents, operatorEntry.parents);
  }
  if (siteEntry !== undefined) {
    add(facts, certificates, siteEntry);
    setFact(facts, SITE_FACTS.country, siteEntry.country);
  }
  return { facts, certificates };
}

/** The sheet of one backend, or of this cell: its own claims over those of its place. */
export function factSheet(place: FactSheet, own: Claims): FactSheet {
  if (Object.keys(own.facts).length === 0 && own.certificates.length === 0) return place;
  const facts = new Map(place.facts);
  const certificates = [...place.certificates];
  add(facts, certificates, own);
  return { facts, certificates };
}

function add(facts: Map<string, Fact>, certificates: Certificate[], claims: Claims): void {
  for (const [name, given] of Object.entries(claims.facts)) setFact(facts, name, given);
  for (const { code, scope, evidence, expires } of claims.certificates)
    certificates.push({ code, scope, evidence, expiresAtMs: instantMs(expires) });
}

function setFact(facts: Map<string, Fact>, name: string, given: FactFormat | undefined): void {
  if (given === undefined) return;
  if (isPlain(given)) facts.set(name, { value: given, evidence: "self", source: undefined, expiresAtMs: undefined });
  else facts.set(name, { value: given.value, evidence: given.evidence, source: given.source, expiresAtMs: instantMs(given.expires) });
}

function isPlain(given: FactFormat): given is Extract<FactFormat, FactValue> {
  return typeof given !== "object" || Array.isArray(given);
}

/** Unix milliseconds of an RFC 3339 instant; undefined stays undefined. */
export function instantMs(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}
