/** Finds boxes that nothing could ever meet: a rule that denies everything is more likely a slip than a wish, so it does not load. */
import type { Atom, Box } from "./rule.ts";

/** Attributes of a box whose conditions exclude each other, as a person wrote them ("backend.location.country"). */
export function contradictions(box: Box): readonly string[] {
  const groups = Map.groupBy(box, (atom) => atom.name);
  return [...groups].filter(([, atoms]) => impossible(atoms)).map(([name]) => name);
}

function impossible(atoms: readonly Atom[]): boolean {
  let least = 0;
  let most = Number.POSITIVE_INFINITY;
  let allowed: Uint8Array | undefined;
  for (const { test } of atoms) {
    if (test.kind === "range") [least, most] = [Math.max(least, test.least), Math.min(most, test.most)];
    if (test.kind !== "members") continue;
    const before = allowed;
    allowed = before === undefined ? test.allowed : test.allowed.map((bit, index) => bit & (before[index] ?? 0));
  }
  return least > most || (allowed !== undefined && !allowed.includes(1));
}
