/** The rate-limit headers where processes share limits: what this process has left, and what nobody has taken. */
import type { Month } from "../../admission/month.ts";
import type { Payer, Windows } from "../../ports.ts";
import { Slice } from "./slice.ts";
import type { Standings } from "./standing.ts";

type View = NonNullable<Windows["requests"]>;

const NO_WINDOWS: Windows = { requests: undefined, tokens: undefined };
/** As for one process: not the MSP's. */
const SHOWN = ["key", "project", "tenant"] as const;

/** @param seen a payer with slices for limits */
export function sharedWindows(seen: Payer, standings: Standings, month: Month): Windows {
  let requests: View | undefined;
  let tokens: View | undefined;
  for (const scope of SHOWN) {
    const slice = seen[scope].limits;
    if (!(slice instanceof Slice) || (slice.requestsPerMinute === undefined && slice.tokensPerMinute === undefined)) continue;
    const standing = standings.of(slice, month);
    requests = tighter(requests, viewOf(slice, "requests", { used: standing.requests, standings }));
    tokens = tighter(tokens, viewOf(slice, "tokens", { used: standing.tokens, standings }));
  }
  return requests === undefined && tokens === undefined ? NO_WINDOWS : { requests, tokens };
}

function viewOf(
  slice: Slice,
  resource: "requests" | "tokens",
  { used, standings }: { readonly used: number; readonly standings: Standings },
): View | undefined {
  const limit = slice.limitOf(resource);
  if (limit === undefined) return undefined;
  const lease = slice.leaseOf(resource);
  const remaining = lease === undefined ? 0 : Math.max(0, lease.amount - used + lease.left);
  return { limit, remaining: Math.min(limit, remaining), resetMs: standings.resetMs(slice, resource) };
}

function tighter(best: View | undefined, other: View | undefined): View | undefined {
  return best === undefined || (other !== undefined && other.remaining < best.remaining) ? other : best;
}
