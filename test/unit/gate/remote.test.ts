import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { slim, type Desk, type DeskAnswer } from "../../../src/gate/desk.ts";
import { RemoteGate } from "../../../src/gate/remote.ts";
import type { Settlement } from "../../../src/ports.ts";
import { claimBy, HandClock, principalOf, settlementOf, usageOf } from "./fixtures.ts";

const OPEN: DeskAnswer = { ok: true, windows: { requests: undefined, tokens: undefined } };

function setup(over: Partial<Desk> = {}) {
  const clock = new HandClock();
  const settled: [string, Settlement][] = [];
  const lost: string[] = [];
  const work: Promise<unknown>[] = [];
  const asked: string[] = [];
  const desk: Desk = {
    open: async () => OPEN,
    mark: async () => undefined,
    settle: async (request, settlement) => {
      settled.push([request, settlement]);
      return "settled";
    },
    ...over,
  };
  const gate = new RemoteGate({
    deskOf: (msp) => {
      asked.push(msp);
      return desk;
    },
    clock,
    later: (each) => void work.push(each),
    lost: (request) => void lost.push(request),
  });
  return { gate, clock, settled, lost, work, asked };
}

const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

it("a slim claim is the same claim, and plain data", () => {
  const claim = claimBy(principalOf({ key: { concurrency: 3 } }));
  const { principal: _, ...rest } = claim;
  expect(slim(claim)).toMatchObject({ ...rest, principal: { key: { id: "key-1" }, msp: { priceBook: { currency: "EUR" } } } });
  expect(structuredClone(slim(claim))).toEqual(slim(claim));
});

describe("RemoteGate", () => {
  it("asks the desk of the claim's MSP, with what a gate must know and no more", async () => {
    let seen: object = {};
    const { gate, asked } = setup({
      open: async (claim) => {
        seen = claim.principal;
        return OPEN;
      },
    });
    const claim = claimBy(principalOf({ key: { concurrency: 3 } }));
    expect(await gate.open(claim)).toEqual(OPEN);
    expect(asked).toEqual(["msp-1"]);
    const { key, project, tenant, msp } = claim.principal;
    const level = ({ id, limits }: { id: string; limits: object }) => ({ id, limits });
    expect(seen).toEqual({
      key: level(key),
      project: level(project),
      tenant: level(tenant),
      msp: { ...level(msp), priceBook: msp.priceBook },
    });
  });

  it("passes a refusal on, and holds nothing", async () => {
    const refused: DeskAnswer = {
      ok: false,
      scope: "key",
      over: "requests",
      retryAfterMs: 5,
      windows: OPEN.ok ? OPEN.windows : { requests: undefined, tokens: undefined },
    };
    const { gate } = setup({ open: async () => refused });
    const claim = claimBy(principalOf());
    expect(await gate.open(claim)).toEqual(refused);
    expect([gate.holdsOpen, gate.settle(claim.request, settlementOf({}))]).toEqual([0, "already"]);
  });

  it("throws the fault that the desk names, and one of its own when the desk cannot be asked", async () => {
    await expect(
      setup({ open: async () => ({ fault: "overloaded", detail: "d" }) }).gate.open(claimBy(principalOf())),
    ).rejects.toMatchObject({ fault: "overloaded" });
    await expect(setup({ open: () => Promise.reject(new Error("gone")) }).gate.open(claimBy(principalOf()))).rejects.toMatchObject({
      fault: "ledger_unavailable",
    });
  });

  it("settles once, in the background", async () => {
    const { gate, settled, work } = setup();
    const claim = claimBy(principalOf());
    await gate.open(claim);
    expect([gate.settle(claim.request, settlementOf({ amount: 3 })), gate.settle(claim.request, settlementOf({ amount: 3 }))]).toEqual([
      "settled",
      "already",
    ]);
    await Promise.all(work);
    expect(settled.map(([request, { amount }]) => [request, amount])).toEqual([[claim.request, 3]]);
  });

  it("offers a settlement again and again, then says that it is lost", async () => {
    let fails = 2;
    const { gate, clock, settled, lost } = setup();
    const flaky = setup({
      settle: async () => {
        if ((fails -= 1) >= 0) throw new Error("away");
        return "settled";
      },
    });
    for (const { gate: each, clock: time, work } of [flaky, setup({ settle: () => Promise.reject(new Error("away")) })]) {
      const claim = claimBy(principalOf());
      await each.open(claim);
      each.settle(claim.request, settlementOf({}));
      for (let pause = 0; pause < 10; pause += 1) {
        await turns();
        time.advance(BOUNDS.settlePauseMs * 2 ** BOUNDS.settleTriesMax);
      }
      await Promise.all(work);
    }
    expect([fails, flaky.lost, settled, lost, gate.holdsOpen, clock.timers]).toEqual([-1, [], [], [], 0, 0]);
  });

  it("does not wait for ever, and gives back what was opened too late", async () => {
    const late = Promise.withResolvers<DeskAnswer>();
    const { gate, clock, settled } = setup({ open: () => late.promise });
    const claim = claimBy(principalOf());
    const opening = gate.open(claim);
    clock.advance(BOUNDS.gateAnswerMsMax);
    await expect(opening).rejects.toMatchObject({ fault: "ledger_unavailable" });
    late.resolve(OPEN);
    await turns();
    expect(settled).toMatchObject([[claim.request, { outcome: "failed", amount: 0, attempts: 0 }]]);
  });

  it("marks what is open, and nothing else; a mark that is lost is no matter", async () => {
    const marks: number[] = [];
    const { gate, work } = setup({
      mark: async (_, __, amount) => {
        marks.push(amount);
        throw new Error("away");
      },
    });
    const claim = claimBy(principalOf());
    gate.checkpoint(claim.request, usageOf(1, 1), 5);
    await gate.open(claim);
    gate.checkpoint(claim.request, usageOf(1, 1), 6);
    await Promise.all(work);
    expect(marks).toEqual([6]);
  });
});
