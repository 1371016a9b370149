/** What a caller is told of its limits. */
import { expect, it } from "vitest";
import { claimBy, principalOf, START_MS } from "../../unit/gate/fixtures.ts";
import { benchOf, type MakeGate } from "./bench.ts";

export function standings(make: MakeGate): void {
  it("shows the tightest of the caller's own levels, and what a reset means", async () => {
    const { gate } = benchOf(make);
    const principal = principalOf({
      key: { requestsPerMinute: 10 },
      project: { tokensPerMinute: 5_000 },
      tenant: { requestsPerMinute: 9, tokensPerMinute: 300 },
    });
    expect(gate.windows(principal, START_MS).requests).toEqual({ limit: 9, remaining: 9, resetMs: 0 });
    expect(await gate.open(claimBy(principal))).toEqual({
      ok: true,
      windows: { requests: { limit: 9, remaining: 8, resetMs: 61_000 }, tokens: { limit: 300, remaining: 200, resetMs: 61_000 } },
    });
  });

  it("does not show a tenant what is left of its MSP's limits", async () => {
    const { gate } = benchOf(make);
    const principal = principalOf({ msp: { requestsPerMinute: 1, tokensPerMinute: 100 } });
    expect(await gate.open(claimBy(principal))).toEqual({ ok: true, windows: { requests: undefined, tokens: undefined } });
    expect((await gate.open(claimBy(principal))).ok).toBe(false);
  });
}
