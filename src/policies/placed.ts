/** Exclusions place by place, for callers whose MSP lets them look closer: where it was not allowed and why, never whose hardware that is. */
import type { Exclusion, Level } from "../domain/law.ts";
import type { BackendId } from "../domain/ids.ts";
import { OWN_LEVELS } from "./explain.ts";

/** Equal reasons against places of one country are one. */
export interface PlacedExclusion {
  /** ISO 3166-1 alpha-2; null: not known. */
  readonly place: string | null;
  readonly level: Level;
  /** The caller's own rule; null: a rule of a level that is not the caller's to read. */
  readonly rule: string | null;
  /** What the caller's own rule looked at; null likewise. */
  readonly attribute: string | null;
  readonly reason: Exclusion["reason"];
  /** Places that this stands against. */
  readonly count: number;
}

/** @param placeOf country of a backend. At most `most` of them, in the order of the law. */
export function placedExclusions(
  exclusions: readonly Exclusion[],
  placeOf: (backend: BackendId) => string | undefined,
  most: number,
): readonly PlacedExclusion[] {
  const told = new Map<string, { readonly shown: Omit<PlacedExclusion, "count">; readonly backends: Set<BackendId> }>();
  for (const { backend, level, rule, attribute, reason } of exclusions) {
    const own = OWN_LEVELS.includes(level);
    const shown = { place: placeOf(backend) ?? null, level, rule: own ? rule : null, attribute: own ? attribute : null, reason };
    const name = JSON.stringify(shown);
    const known = told.get(name);
    if (known !== undefined) known.backends.add(backend);
    else if (told.size < most) told.set(name, { shown, backends: new Set([backend]) });
  }
  return [...told.values()].map(({ shown, backends }) => ({ ...shown, count: backends.size }));
}
