/**
 * A rule on a target is one number: the instant until which it holds. "And" is the earlier of two instants, "or" the later, and what does
 * not hold ends before all time. So time is a comparison at the very end, and never part of judging.
 */
import type { Column, Columns } from "./columns.ts";
import type { Atom, Box, Rule } from "./rule.ts";

const NEVER = Number.NEGATIVE_INFINITY;
const ALWAYS = Number.POSITIVE_INFINITY;

/** Writes to `ends` until when a rule holds on each target (Unix milliseconds), when every fact needs this evidence rank. */
export function ruleEnds(ends: Float64Array, { require, anyOf }: Rule, facts: Facts): void {
  ends.fill(ALWAYS);
  shorten(ends, require, facts);
  if (anyOf.length === 0) return;
  const latest = new Float64Array(ends.length).fill(NEVER);
  for (const box of anyOf) {
    const alternative = ends.slice();
    shorten(alternative, box, facts);
    for (let index = 0; index < latest.length; index++) latest[index] = Math.max(latest[index] ?? NEVER, alternative[index] ?? NEVER);
  }
  ends.set(latest);
}

/** What rules are judged on. */
export interface Facts {
  readonly columns: Columns;
  readonly evidenceLeast: number;
}

/** Brings every end forward to that of the box. */
function shorten(ends: Float64Array, box: Box, facts: Facts): void {
  for (const atom of box) {
    if (atom.subject === "self") shortenBySelf(ends, atom, facts);
    else shortenByAtom(ends, atom, facts);
  }
}

/** This cell is the last target; what holds of it holds for every line. */
function shortenBySelf(ends: Float64Array, atom: Atom, facts: Facts): void {
  const own = new Float64Array(ends.length).fill(ALWAYS);
  shortenByAtom(own, atom, facts);
  const endMs = own.at(-1) ?? NEVER;
  for (let index = 0; index < ends.length; index++) ends[index] = Math.min(ends[index] ?? NEVER, endMs);
}

function shortenByAtom(ends: Float64Array, { attribute, test }: Atom, facts: Facts): void {
  const column = facts.columns.ofFact(attribute.slot);
  if (test.kind === "certificates") shortenByCertificates(ends, test, facts);
  else if (column === undefined) ends.fill(NEVER);
  else if (test.kind === "range") shortenByRange(ends, test, { column, evidenceLeast: facts.evidenceLeast });
  else shortenByMembers(ends, test.allowed, { column, evidenceLeast: facts.evidenceLeast });
}

interface Fact {
  readonly column: Column;
  readonly evidenceLeast: number;
}

function shortenByMembers(ends: Float64Array, allowed: Uint8Array, { column, evidenceLeast }: Fact): void {
  const { untilMs, rank, value, several } = column;
  for (let index = 0; index < ends.length; index++) {
    const member = value[index] ?? -1;
    const fits = (member >= 0 ? allowed[member] === 1 : allAllowed(several[index], allowed)) && (rank[index] ?? -1) >= evidenceLeast;
    const endMs = fits ? (untilMs[index] ?? NEVER) : NEVER;
    if (endMs < (ends[index] ?? NEVER)) ends[index] = endMs;
  }
}

function allAllowed(members: readonly number[] | undefined, allowed: Uint8Array): boolean {
  if (members === undefined) return false;
  for (let index = 0; index < members.length; index++) if (allowed[members[index] ?? -1] !== 1) return false;
  return true;
}

function shortenByRange(ends: Float64Array, { least, most }: { least: number; most: number }, { column, evidenceLeast }: Fact): void {
  const { untilMs, rank, value } = column;
  for (let index = 0; index < ends.length; index++) {
    const number = value[index] ?? -1;
    const fits = number >= least && number <= most && (rank[index] ?? -1) >= evidenceLeast;
    const endMs = fits ? (untilMs[index] ?? NEVER) : NEVER;
    if (endMs < (ends[index] ?? NEVER)) ends[index] = endMs;
  }
}

function shortenByCertificates(
  ends: Float64Array,
  { wanted, all }: { wanted: readonly number[]; all: boolean },
  { columns, evidenceLeast }: Facts,
): void {
  const held = wanted.map((code) => columns.ofCertificate(code, evidenceLeast));
  for (let index = 0; index < ends.length; index++) {
    let endMs = all ? ALWAYS : NEVER;
    for (const column of held) {
      const heldMs = column[index] ?? NEVER;
      if (all ? heldMs < endMs : heldMs > endMs) endMs = heldMs;
    }
    if (endMs < (ends[index] ?? NEVER)) ends[index] = endMs;
  }
}
