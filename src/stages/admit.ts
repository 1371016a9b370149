/** Sixth stage: money and windows. A hold for the dearest answer that this request can get, durable before anything is sent. */
import { claimOf } from "../admission/estimate.ts";
import type { Call } from "../domain/call.ts";
import type { Model } from "../domain/fleet.ts";
import type { Principal } from "../domain/tenancy.ts";
import { Fault, type FaultName } from "../faults.ts";
import { amountMax } from "../metering/price.ts";
import type { Admission, HeaderList, Scope, Windows } from "../ports.ts";
import { rateLimitHeaders } from "../openai/ratelimit.ts";
import type { World } from "../world.ts";
import type { Entered } from "./ingress.ts";

/** What was reserved, and the bounds that judge the settlement later. */
export interface Hold {
  readonly promptTokensEstimate: number;
  readonly promptTokensMax: number;
  /** Of all choices together. */
  readonly completionTokensMax: number;
  readonly windows: Windows;
}

/** @throws Fault of the 429 family, ledger_unavailable */
export async function admit(
  call: Call,
  model: Model,
  who: { principal: Principal; entered: Entered },
  world: Pick<World, "gate" | "clock">,
): Promise<Hold> {
  const estimate = claimOf(call, model);
  const { principal, entered } = who;
  const admission = await world.gate.open({
    request: entered.request,
    principal,
    model: model.id,
    alias: call.alias.name,
    capability: call.capability,
    tokens: estimate.tokens,
    amount: amountMax(estimate, call.alias.price),
    // Not that of the entry: a body may have taken a minute, and a successor counts windows by this.
    atMs: world.clock.nowMs(),
  });
  if (!admission.ok) throw refusal(admission);
  return { ...estimate, promptTokensEstimate: call.promptTokensEstimate, windows: admission.windows };
}

const WHOSE: Readonly<Record<Exclude<Scope, "msp">, string>> = {
  key: "this API key",
  project: "this project",
  tenant: "this organization",
};
const FAULT_OF = {
  requests: "rate_limit_requests",
  tokens: "rate_limit_tokens",
  concurrency: "rate_limit_concurrency",
  budget: "insufficient_quota",
} as const satisfies Record<string, FaultName>;
const LIMIT_OF = {
  requests: "requests per minute",
  tokens: "tokens per minute",
  concurrency: "requests at the same time",
  budget: "monthly budget",
} as const;

/** Says whose limit it was, except the MSP's: a tenant does not learn its provider's standing. */
function refusal(admission: Extract<Admission, { ok: false }>): Fault {
  const headers = asRecord(rateLimitHeaders(admission.windows));
  const retryAfterMs = admission.retryAfterMs;
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (admission.scope === "msp") return new Fault("rate_limit_generic", { ...wait, headers });
  const text = `Limit reached for ${WHOSE[admission.scope]}: ${LIMIT_OF[admission.over]}.`;
  return new Fault(FAULT_OF[admission.over], { ...wait, headers, text });
}

function asRecord(list: HeaderList): Readonly<Record<string, string>> {
  const record: Record<string, string> = {};
  for (let at = 0; at < list.length; at += 2) record[list[at] ?? ""] = list[at + 1] ?? "";
  return record;
}
