/** A draw in proportion to given shares. */

/**
 * Returns the position drawn, given a number in [0, 1). A share that is 0 is drawn only when all of them are; then all have the same chance.
 * `shareOf` is asked twice per element.
 */
export function draw<T>(list: readonly T[], shareOf: (element: T) => number, unit: number): number {
  let total = 0;
  for (const element of list) total += shareOf(element);
  if (!(total > 0)) return Math.floor(unit * list.length);
  let left = unit * total;
  let last = 0;
  for (let at = 0; at < list.length; at++) {
    const element = list[at];
    const share = element === undefined ? 0 : shareOf(element);
    if (share <= 0) continue;
    if (left < share) return at;
    left -= share;
    last = at;
  }
  return last;
}
