/** Facts that a backend, or this cell, has from where it stands: the fields of its site and operator, and their own facts. */
import { ownerOf } from "./owners.ts";
import { isRecord, valueAt } from "./path.ts";
import type { Path } from "./path.ts";

/** Fields of a site and of an operator that are facts under another name. */
export const SITE_FACTS = { country: "location.country" } as const;
export const OPERATOR_FACTS = { country: "operator.country", parents: "operator.parents" } as const;

/** Without these nothing could ever be permitted, so their absence is an error at once and not a denial later. */
export const REQUIRED_FACTS = ["location.country", "operator.country", "operator.parents"] as const;

/** Where things stand: the site and the operator, each undefined when the file does not say. */
export interface Standing {
  readonly site: string | undefined;
  readonly operator: string | undefined;
}

export function standingOf(file: unknown, site: string | undefined): Standing {
  return { site, operator: site === undefined ? undefined : ownerOf(file, "sites", site) };
}

/** Every fact that holds at a standing or is stated at `own` (path of the backend, or of `self`), with the places that state it. */
export function statedFacts(file: unknown, own: Path, standing: Standing): ReadonlyMap<string, readonly Path[]> {
  const stated = new Map<string, Path[]>();
  const state = (fact: string, path: Path): void => void stated.set(fact, [...(stated.get(fact) ?? []), path]);
  const fields = (base: Path, names: Readonly<Record<string, string>>): void => {
    for (const [field, fact] of Object.entries(names)) if (valueAt(file, [...base, field]) !== undefined) state(fact, [...base, field]);
  };
  const claims = (base: Path): void => {
    const given = valueAt(file, [...base, "facts"]);
    for (const fact of isRecord(given) ? Object.keys(given) : []) state(fact, [...base, "facts", fact]);
  };
  if (standing.operator !== undefined) {
    fields(["operators", standing.operator], OPERATOR_FACTS);
    claims(["operators", standing.operator]);
  }
  if (standing.site !== undefined) {
    fields(["sites", standing.site], SITE_FACTS);
    claims(["sites", standing.site]);
  }
  claims(own);
  return stated;
}
