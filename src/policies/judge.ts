/** The one place where a rule meets a fact. Three-valued: a fact that is unknown, expired or too weakly evidenced never passes. */
import type { Exclusion } from "../domain/law.ts";
import type { Held, Target } from "./ground.ts";
import type { Atom, Box, Rule, Test } from "./rule.ts";

/** Why an atom does not hold. */
export type Reason = Exclude<Exclusion["reason"], "no-policy">;

type CertificateTest = Extract<Test, { kind: "certificates" }>;

/** What judging looks at besides the rule. */
export interface Bench {
  readonly target: Target;
  /** This cell. */
  readonly self: Target;
  /** Evidence rank asked of every fact. */
  readonly evidenceLeast: number;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** Why this atom does not hold; undefined when it does. */
export function judge(atom: Atom, bench: Bench): Reason | undefined {
  const target = atom.subject === "self" ? bench.self : bench.target;
  const { test } = atom;
  if (test.kind === "certificates") return judgeCertificates(test, target.certificates, bench);
  const known = target.known[atom.attribute.slot];
  if (known === undefined) return "unknown";
  // Negated on purpose: an instant that is no number lets nothing pass.
  if (!(bench.nowMs < known.untilMs)) return "expired";
  if (known.rank < bench.evidenceLeast) return "evidence";
  const { members } = known;
  if (members.length === 0) return "unknown";
  for (let index = 0; index < members.length; index++) {
    const member = members[index] ?? -1;
    if (test.kind === "range" ? member < test.least || member > test.most : test.allowed[member] !== 1) return "mismatch";
  }
  return undefined;
}

function judgeCertificates({ wanted, all }: CertificateTest, certificates: readonly Held[], bench: Bench): Reason | undefined {
  let reason: Reason | undefined = "unknown";
  for (let index = 0; index < wanted.length; index++) {
    reason = judgeCertificate(wanted[index] ?? -1, certificates, bench);
    if (all ? reason !== undefined : reason === undefined) return reason;
  }
  return reason;
}

/** Names the nearest miss: too weakly evidenced before expired before not held. */
function judgeCertificate(code: number, certificates: readonly Held[], bench: Bench): Reason | undefined {
  let reason: Reason = certificates.length === 0 ? "unknown" : "mismatch";
  for (let index = 0; index < certificates.length; index++) {
    const held = certificates[index];
    if (held === undefined || held.covers[code] !== 1) continue;
    if (!(bench.nowMs < held.untilMs)) reason = reason === "evidence" ? reason : "expired";
    else if (held.rank < bench.evidenceLeast) reason = "evidence";
    else return undefined;
  }
  return reason;
}

/** Whether all atoms of a box hold. */
export function boxHolds(box: Box, bench: Bench): boolean {
  for (let index = 0; index < box.length; index++) {
    const atom = box[index];
    if (atom === undefined || judge(atom, bench) !== undefined) return false;
  }
  return true;
}

/** Whether a rule holds: its box, and one of its alternatives when it has any. */
export function ruleHolds({ require, anyOf }: Rule, bench: Bench): boolean {
  return boxHolds(require, bench) && (anyOf.length === 0 || anyOf.some((box) => boxHolds(box, bench)));
}
