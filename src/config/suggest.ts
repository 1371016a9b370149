/** Did you mean …: the nearest of the known names, if one is near enough to be what was meant. */

const NAME_LENGTH_MAX = 64;

/** The known name nearest to `given`, or undefined when none is within a third of its length (at least 1, at most 3 edits). */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  if (given.length > NAME_LENGTH_MAX) return undefined;
  const wanted = fold(given);
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.max(1, Math.floor(given.length / 3))) + 1;
  for (const name of known) {
    if (Math.abs(name.length - given.length) > 3) continue;
    const distance = edits(wanted, fold(name));
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** A hint from `nearest`, else the list itself when it is short. */
export function suggestion(given: string, known: readonly string[]): string | undefined {
  const near = nearest(given, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length > 0 && known.length <= 20 ? `known here: ${known.join(", ")}` : undefined;
}

/** Case and separators are what people get wrong without meaning another name. */
function fold(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}

/** Edit distance where swapping two neighbours is one edit. */
function edits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
