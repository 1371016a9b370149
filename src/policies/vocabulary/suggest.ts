/** "Did you mean …": finds the known word nearest to a mistyped one, so that an error can be mended without opening the manual. */

/** Longer texts are no typing errors, and comparing them would cost time. */
const SUGGESTIBLE_CHARS_MAX = 64;

/** Levenshtein distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** `did you mean "…"?` for the nearest candidate, or undefined when none is near. Case is forgiven. */
export function suggest(text: string, candidates: Iterable<string>): string | undefined {
  if (text.length > SUGGESTIBLE_CHARS_MAX) return undefined;
  const lower = text.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(text.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - text.length) >= bestDistance) continue;
    const steps = distance(lower, candidate.toLowerCase());
    if (steps < bestDistance) [best, bestDistance] = [candidate, steps];
  }
  return best === undefined ? undefined : `did you mean "${best}"?`;
}
