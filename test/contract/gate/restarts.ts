/** A process that dies hands out no second minute: its successor goes on with what was granted. */
import { expect, it } from "vitest";
import type { Granted } from "../../../src/ports.ts";
import { claimBy, HandClock, principalOf, START_MS } from "../../unit/gate/fixtures.ts";
import { benchOf, refused, type MakeGate } from "./bench.ts";

const granted = (over: Partial<Granted> = {}): Granted => ({
  scope: "key",
  id: "key-1",
  atMs: START_MS - 10_000,
  requests: 1,
  tokens: 100,
  ...over,
});

export function restarts(make: MakeGate): void {
  it("counts what was granted in the minute before its start, for its scope alone", async () => {
    const { gate } = benchOf(make, {
      granted: [granted({ requests: 2, tokens: 300 }), granted({ scope: "tenant", id: "tenant-1", requests: 5 })],
    });
    const principal = principalOf({ key: { requestsPerMinute: 3, tokensPerMinute: 450 }, project: { requestsPerMinute: 2 } });
    expect(gate.windows(principal, START_MS)).toMatchObject({ requests: { remaining: 1 }, tokens: { remaining: 150 } });
    expect((await gate.open(claimBy(principal))).ok).toBe(true);
    expect(refused(await gate.open(claimBy(principal)))).toMatchObject({ scope: "key", over: "requests" });
    const tenant = principalOf({ tenant: { requestsPerMinute: 5 } }, { key: "key-2" });
    expect(refused(await gate.open(claimBy(tenant)))).toMatchObject({ scope: "tenant", over: "requests" });
  });

  it("frees each grant a minute after it was made, not after the start", async () => {
    const late = granted({ atMs: START_MS - 500, tokens: 50 });
    const { gate, clock } = benchOf(make, { granted: [late, granted({ atMs: START_MS - 50_000 })] });
    const principal = principalOf({ key: { requestsPerMinute: 2 } });
    expect(refused(await gate.open(claimBy(principal))).retryAfterMs).toBe(11_000);
    clock.advance(9_999);
    expect((await gate.open(claimBy(principal))).ok).toBe(false);
    clock.advance(1_001);
    expect((await gate.open(claimBy(principal))).ok).toBe(true);
    expect((await gate.open(claimBy(principal))).ok).toBe(false);
    clock.advance(48_500 + 1_000);
    expect((await gate.open(claimBy(principal))).ok).toBe(true);
  });

  it("forgets what is older, and takes what lies ahead of its clock as granted now", () => {
    const { gate } = benchOf(make, {
      granted: [granted({ atMs: START_MS - 60_001, requests: 7 }), granted({ atMs: START_MS + 5_000, requests: 2 })],
    });
    const principal = principalOf({ key: { requestsPerMinute: 10 } });
    expect(gate.windows(principal, START_MS).requests).toEqual({ limit: 10, remaining: 8, resetMs: 61_000 });
  });

  it("adds several entries up, in whatever order they come", () => {
    const past = [5_000, 59_000, 100, 30_000, 30_001].map((ageMs) => granted({ atMs: START_MS - ageMs, requests: 2, tokens: 10 }));
    const { gate } = benchOf(make, { granted: past });
    expect(gate.windows(principalOf({ key: { requestsPerMinute: 20, tokensPerMinute: 60 } }), START_MS)).toMatchObject({
      requests: { remaining: 10 },
      tokens: { remaining: 10 },
    });
  });

  it("does so whatever its clock began with", async () => {
    for (const beganMs of [0, 17, 61_000, 3_600_000_123]) {
      const clock = new HandClock(START_MS - beganMs);
      clock.advance(beganMs);
      const { gate } = benchOf(make, { granted: [granted({ atMs: START_MS - 59_990 })] }, clock);
      const principal = principalOf({ key: { requestsPerMinute: 1 } });
      expect((await gate.open(claimBy(principal))).ok, `began at ${beganMs}`).toBe(false);
      clock.advance(1_010);
      expect((await gate.open(claimBy(principal))).ok, `began at ${beganMs}`).toBe(true);
    }
  });
}
