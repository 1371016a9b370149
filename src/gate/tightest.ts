/** The rate-limit headers' view of a caller's limits: the level that will stop it first. */
import type { Window } from "../admission/window.ts";
import type { Payer, Windows } from "../ports.ts";
import type { Accounts } from "./accounts.ts";

type View = NonNullable<Windows["requests"]>;

const NO_WINDOWS: Windows = { requests: undefined, tokens: undefined };
/** Not the MSP's: what is left of its limit would tell a tenant how busy its neighbours are. */
const SHOWN = ["key", "project", "tenant"] as const;

/** The tightest of the caller's own levels, for requests and for tokens apart. */
export function tightest(principal: Payer, accounts: Accounts, nowMs: number): Windows {
  let requests: View | undefined;
  let tokens: View | undefined;
  for (const scope of SHOWN) {
    const { id, limits } = principal[scope];
    if (limits.requestsPerMinute === undefined && limits.tokensPerMinute === undefined) continue;
    const account = accounts.see(scope, id);
    requests = tighter(requests, { window: account.requests, limit: limits.requestsPerMinute }, nowMs);
    tokens = tighter(tokens, { window: account.tokens, limit: limits.tokensPerMinute }, nowMs);
  }
  return requests === undefined && tokens === undefined ? NO_WINDOWS : { requests, tokens };
}

function tighter(
  best: View | undefined,
  other: { readonly window: Window | undefined; readonly limit: number | undefined },
  nowMs: number,
): View | undefined {
  const { window, limit } = other;
  if (limit === undefined) return best;
  const remaining = window === undefined ? limit : Math.max(0, limit - window.used(nowMs));
  if (best !== undefined && best.remaining <= remaining) return best;
  return { limit, remaining, resetMs: window?.resetMs(nowMs) ?? 0 };
}
