/** Where in a stream usage is stated: nowhere, at the end, in every frame, twice. */
import type { Knobs } from "../faults.ts";
import type { Sampling } from "./sampling.ts";

export interface UsageFrames {
  /** In every frame with content. */
  readonly running: boolean;
  /** Frames of their own before [DONE]. */
  readonly finals: 0 | 1 | 2;
}

export function usageFrames(sampling: Sampling, knobs: Knobs): UsageFrames {
  if (knobs.usage === "absent") return { running: false, finals: 0 };
  const asked = sampling.includeUsage || knobs.usageInEveryFrame === true;
  const cumulative = asked && knobs.usage === "cumulative";
  const running = (asked && sampling.continuousUsage) || knobs.usageInEveryFrame === true || cumulative;
  if (!asked || cumulative) return { running, finals: 0 };
  return { running, finals: knobs.usage === "duplicate" ? 2 : 1 };
}
