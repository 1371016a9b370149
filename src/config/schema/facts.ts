/** What is claimed of a place, an operator, a backend or this cell: each claim with its evidence, source and end. */
import { z } from "zod";
import { EVIDENCE } from "../../domain/facts.ts";
import { countries, country, instant, label } from "./scalars.ts";

const evidence = z.enum(EVIDENCE);
const evidenceField = evidence.default("self").describe("How well it is supported, weakest first: self, contract, audit, attested.");
const sourceField = z.string().min(1).max(2_048).optional().describe("URI or file that states it.");
const expiresField = instant
  .optional()
  .describe("UTC instant from which it is unknown, and unknown denies. Without it the claim does not end.");

const plainValue = z.union([z.string().min(1).max(500), z.number(), z.boolean(), z.array(z.string().min(1).max(500)).min(1).max(500)]);

function withEvidence<T extends z.ZodType>(value: T) {
  return z.strictObject({
    value: value.describe("The value itself."),
    evidence: evidenceField,
    source: sourceField,
    expires: expiresField,
  });
}

/** A value alone is a claim on one's own word: evidence "self", no source, no end. */
export const fact = z.union([plainValue, withEvidence(plainValue)]);
export const countryFact = z.union([country, countries, withEvidence(z.union([country, countries]))]);
export const countriesFact = z.union([countries, withEvidence(countries)]);

const factName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/, 'a fact is an attribute without its leading "backend.", e.g. location.country');

export const facts = z
  .record(factName, fact)
  .default({})
  .describe("Claims by attribute name without the leading `backend.`, as a value or as {value, evidence, source, expires}.");

const certificate = z.strictObject({
  code: label.describe("Code from the policy vocabulary, e.g. BSI-C5.type2."),
  scope: label.optional().describe("What the certificate covers, in its own words."),
  evidence: evidenceField,
  source: sourceField,
  expires: expiresField,
});

export const certificates = z.array(certificate).max(100).default([]).describe("Certificates held; each has its own end.");

export type FactFormat = z.output<typeof fact>;
export type CertificateFormat = z.output<typeof certificate>;
