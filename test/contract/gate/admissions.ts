/** What a gate lets in, and what it says to whom it does not. */
import { expect, it } from "vitest";
import { claimBy, principalOf, START_MS, type LimitsByScope } from "../../unit/gate/fixtures.ts";
import { benchOf, refused, type MakeGate } from "./bench.ts";

export function admissions(make: MakeGate): void {
  it("admits without limits and says that there are none", async () => {
    const { gate, journal } = benchOf(make);
    const claim = claimBy(principalOf());
    expect(await gate.open(claim)).toEqual({ ok: true, windows: { requests: undefined, tokens: undefined } });
    expect(journal.records).toEqual([
      expect.objectContaining({ kind: "hold", request: claim.request, tokens: 100, amount: 1_000, currency: "EUR" }),
    ]);
  });

  const cases: readonly [string, LimitsByScope, number, string, number | undefined][] = [
    ["requests", { key: { requestsPerMinute: 2 } }, 2, "key", 61_000],
    ["tokens", { project: { tokensPerMinute: 250 } }, 2, "project", 61_000],
    ["concurrency", { tenant: { concurrency: 3 } }, 3, "tenant", 1_000],
    ["budget", { msp: { budgetPerMonth: 2_500 } }, 2, "msp", 1_000],
  ];
  it.each(cases)("refuses over %s, names the scope and the wait", async (over, limits, fit, scope, retryAfterMs) => {
    const { gate } = benchOf(make);
    const principal = principalOf(limits);
    for (let count = 0; count < fit; count += 1) expect((await gate.open(claimBy(principal))).ok).toBe(true);
    expect(refused(await gate.open(claimBy(principal)))).toMatchObject({ scope, over, retryAfterMs });
  });

  const zeros: readonly LimitsByScope[] = [
    { key: { requestsPerMinute: 0 } },
    { key: { tokensPerMinute: 0 } },
    { key: { concurrency: 0 } },
    { key: { budgetPerMonth: 0 } },
  ];
  it.each(zeros)("takes a limit of 0 as a closed door: %j", async (limits) => {
    const { gate } = benchOf(make);
    expect(refused(await gate.open(claimBy(principalOf(limits), { amount: 0 }))).retryAfterMs).toBeUndefined();
  });

  it("gives no hope where the claim is above the limit itself", async () => {
    const { gate } = benchOf(make);
    expect(refused(await gate.open(claimBy(principalOf({ key: { tokensPerMinute: 99 } })))).retryAfterMs).toBeUndefined();
    expect(refused(await gate.open(claimBy(principalOf({ key: { budgetPerMonth: 999 } })))).retryAfterMs).toBeUndefined();
  });

  it("names the refusal that lasts longest, so that one wait is enough", async () => {
    const { gate } = benchOf(make);
    const principal = principalOf({ key: { concurrency: 1 }, tenant: { requestsPerMinute: 1 } });
    await gate.open(claimBy(principal));
    expect(refused(await gate.open(claimBy(principal)))).toMatchObject({ scope: "tenant", over: "requests", retryAfterMs: 61_000 });
  });

  it("lets a refused claim cost nothing on any level", async () => {
    const { gate, journal } = benchOf(make);
    const limits: LimitsByScope = { key: { requestsPerMinute: 5, tokensPerMinute: 500 }, msp: { budgetPerMonth: 1_000 } };
    const principal = principalOf(limits);
    const before = gate.windows(principal, START_MS);
    for (let count = 0; count < 20; count += 1) expect((await gate.open(claimBy(principal, { amount: 1_001 }))).ok).toBe(false);
    expect(gate.windows(principal, START_MS)).toEqual(before);
    expect(journal.records).toEqual([]);
    expect((await gate.open(claimBy(principal))).ok).toBe(true);
  });

  it("reads the limits anew with every claim", async () => {
    const { gate } = benchOf(make);
    await gate.open(claimBy(principalOf({ key: { concurrency: 1 } })));
    expect((await gate.open(claimBy(principalOf({ key: { concurrency: 1 } })))).ok).toBe(false);
    expect((await gate.open(claimBy(principalOf({ key: { concurrency: 2 } })))).ok).toBe(true);
    expect((await gate.open(claimBy(principalOf()))).ok).toBe(true);
  });

  it("frees the window when its minute has passed, and not before", async () => {
    const { gate, clock } = benchOf(make);
    const principal = principalOf({ key: { requestsPerMinute: 1 } });
    clock.advance(999);
    await gate.open(claimBy(principal));
    clock.advance(59_999);
    expect((await gate.open(claimBy(principal))).ok).toBe(false);
    clock.advance(2);
    expect((await gate.open(claimBy(principal))).ok).toBe(true);
  });
}
