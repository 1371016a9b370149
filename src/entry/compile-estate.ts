/** From what is declared to what is in force, the same on every runtime: all of it is compiled aside, and a problem changes nothing. */
import type { Declared } from "../domain/estate.ts";
import { compileBundle } from "../policies/bundle.ts";
import type { Kept } from "../ports.ts";
import { hostsOf, type Estate } from "../world.ts";

export type Problems = { readonly ok: false; readonly problems: readonly string[] };
export type Built = { readonly ok: true; readonly estate: Estate } | Problems;

export const NOTHING_KEPT: Kept = { tenants: new Map(), policies: [] };

/** The law knows the tenants of both homes; of projects and keys it need only know those that a file's policies name, and these are the file's. */
export function compileEstate(declared: Declared, kept: Kept, at: { readonly epoch: number; readonly nowMs: number }): Built {
  const tenants = new Map([...declared.tenants, ...kept.tenants]);
  const compiled = compileBundle({ ...declared, tenants, policies: [...declared.policies, ...kept.policies], ...at });
  if (!compiled.ok)
    return {
      ok: false,
      problems: compiled.problems.map(({ where, message, hint }) => `${where}: ${message}${hint === undefined ? "" : ` (${hint})`}`),
    };
  return { ok: true, estate: { declared, bundle: compiled.bundle, hosts: hostsOf(declared.msps) } };
}
