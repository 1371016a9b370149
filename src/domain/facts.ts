/** What is known of a backend, or of this cell, with its evidence. An absent or expired fact is unknown, and unknown denies. */

/** How well a fact is supported, weakest first. */
export const EVIDENCE = ["self", "contract", "audit", "attested"] as const;
export type Evidence = (typeof EVIDENCE)[number];

export type FactValue = string | number | boolean | readonly string[];

export interface Fact {
  readonly value: FactValue;
  readonly evidence: Evidence;
  /** URI or file that states the fact. */
  readonly source: string | undefined;
  /** Unix milliseconds; undefined: does not expire. */
  readonly expiresAtMs: number | undefined;
}

/** A certificate is a fact of its own, since each has its own end. */
export interface Certificate {
  /** From the closed list in policies/vocabulary, e.g. "BSI-C5.type2". */
  readonly code: string;
  readonly scope: string | undefined;
  readonly evidence: Evidence;
  readonly expiresAtMs: number | undefined;
}

/** Attribute names are those of policies/vocabulary without the leading "backend." or "self.", e.g. "location.country". */
export interface FactSheet {
  readonly facts: ReadonlyMap<string, Fact>;
  readonly certificates: readonly Certificate[];
}
