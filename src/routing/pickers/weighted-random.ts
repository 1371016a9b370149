/** Draws in proportion to score and declared weight: spreads widest, at the price of using worse backends too. */
import type { Random } from "../../ports.ts";
import { draw } from "./draw.ts";
import type { Scored } from "./picker.ts";

export function weightedRandom(scored: readonly Scored[], random: Pick<Random, "unit">): number {
  return draw(scored, ({ candidate, score }) => score * candidate.backend.weight, random.unit());
}
