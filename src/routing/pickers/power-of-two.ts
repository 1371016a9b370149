/**
 * Draws two by declared weight and takes the better: nearly as good as the best, without the herd that follows numbers which are a second old.
 * Between equals the one drawn first wins, so that equal load is shared exactly by weight.
 */
import type { Random } from "../../ports.ts";
import { draw } from "./draw.ts";
import type { Scored } from "./picker.ts";

export function powerOfTwo(scored: readonly Scored[], random: Pick<Random, "unit">): number {
  const first = draw(scored, weightOf, random.unit());
  const second = draw(scored, (other) => (other === scored[first] ? 0 : weightOf(other)), random.unit());
  return (scored[second]?.score ?? 0) > (scored[first]?.score ?? 0) ? second : first;
}

function weightOf(scored: Scored): number {
  return scored.candidate.backend.weight;
}
