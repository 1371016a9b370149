import { describe, expect, it } from "vitest";
import type { Admission, Claim, Gate } from "../../../src/ports.ts";
import { admit } from "../../../src/stages/admit.ts";
import { MODEL, NOW_MS } from "../policies/fixture.ts";
import { bench, callOf, faultOf, REQUEST } from "./fixture.ts";

const WINDOWS = { requests: { limit: 10, remaining: 0, resetMs: 20_000 }, tokens: undefined };
type Refused = Extract<Admission, { ok: false }>;

function gateThat(admission: Admission, claims: Claim[] = []): Gate {
  return {
    open: (claim) => (claims.push(claim), Promise.resolve(admission)),
    checkpoint: () => undefined,
    settle: () => "settled",
    windows: () => WINDOWS,
  };
}

/** A body that took half a minute lies between the entry and the claim. */
const BODY_MS = 30_000;

function admitting(admission: Admission, claims: Claim[] = []): ReturnType<typeof admit> {
  const { principal, entered, clock } = bench();
  const before = entered();
  clock.advance(BODY_MS);
  return admit(callOf(), MODEL, { principal, entered: before }, { gate: gateThat(admission, claims), clock });
}

const refused = (rest: Partial<Refused>): Refused => ({
  ok: false,
  scope: "key",
  over: "requests",
  retryAfterMs: 7_000,
  windows: WINDOWS,
  ...rest,
});

describe("admit", () => {
  it("claims the likely tokens and the dearest answer", async () => {
    const claims: Claim[] = [];
    const hold = await admitting({ ok: true, windows: WINDOWS }, claims);
    const { promptTokensMax, completionTokensMax } = hold;
    expect(completionTokensMax).toBe(10);
    expect(hold.windows).toBe(WINDOWS);
    expect(claims[0]).toMatchObject({ request: REQUEST, model: MODEL.id, capability: "chat", tokens: hold.promptTokensEstimate + 10 });
    expect(claims[0]?.atMs).toBe(NOW_MS + BODY_MS);
    // One micro-unit a prompt token, two a completion token.
    expect(claims[0]?.amount).toBe(promptTokensMax + 2 * completionTokensMax);
  });

  it.each([
    ["key", "requests", "rate_limit_requests", "Limit reached for this API key: requests per minute."],
    ["project", "tokens", "rate_limit_tokens", "Limit reached for this project: tokens per minute."],
    ["tenant", "concurrency", "rate_limit_concurrency", "Limit reached for this organization: requests at the same time."],
    ["tenant", "budget", "insufficient_quota", "Limit reached for this organization: monthly budget."],
  ] as const)("says whose limit it was: %s, %s", async (scope, over, name, text) => {
    const fault = await faultOf(() => admitting(refused({ scope, over })));
    expect([fault.fault, fault.message, fault.kind.status, fault.retryAfterMs]).toEqual([name, text, 429, 7_000]);
    expect(fault.headers).toMatchObject({ "x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "0" });
  });

  it.each(["requests", "tokens", "concurrency", "budget"] as const)("does not say that it was the MSP's: %s", async (over) => {
    const fault = await faultOf(() => admitting(refused({ scope: "msp", over, windows: { requests: undefined, tokens: undefined } })));
    expect(fault.fault).toBe("rate_limit_generic");
    expect(`${fault.message} ${JSON.stringify(fault.headers)}`).not.toMatch(/msp|provider|reseller|budget|token/i);
  });

  it("names no time where waiting does not help", async () => {
    expect((await faultOf(() => admitting(refused({ over: "budget", retryAfterMs: undefined })))).retryAfterMs).toBeUndefined();
  });
});
