import { describe, expect, it } from "vitest";
import { LIMIT_OF, nameOf, namedBy, RESOURCES, type Recall, type Return, type Want } from "../../../../src/gate/leases/lease.ts";
import { LeaseOffice } from "../../../../src/gate/leases/office.ts";
import { generous, Pot } from "../../../../src/gate/leases/pot.ts";
import { HandClock } from "../fixtures.ts";

const NAME = nameOf({ resource: "budget", scope: "key", id: "k", month: 24_322 });
const want = (need: number, more: Partial<Want> = {}): Want => ({ name: NAME, limit: 1_000, need, want: need, over: 0, held: 0, ...more });

/** Gives back what the test says, in turn; keeps the rest. */
function holder(...freed: readonly number[]) {
  const left = [...freed];
  const asked: Recall[] = [];
  const recall = (recalls: readonly Recall[]): Promise<readonly Return[]> => {
    asked.push(...recalls);
    return Promise.resolve(recalls.map(({ name }) => ({ name, freed: left.shift() ?? 0, held: 0 })));
  };
  return { recall, asked };
}

describe("a name", () => {
  it("is read as it was written, whatever the id", () => {
    for (const resource of RESOURCES) {
      const named = { resource, scope: "tenant" as const, id: "a b\n1", month: 7 };
      expect(namedBy(nameOf(named))).toEqual(named);
      expect(LIMIT_OF[resource]).toBeTypeOf("string");
    }
    for (const wrong of ["", "requests key 1", "water key 0 k", "requests house 0 k", "requests key x k"])
      expect(() => namedBy(wrong)).toThrow(RangeError);
  });
});

describe("a pot", () => {
  it("counts what is leased and what is past, and never takes back more than there is", () => {
    const pot = new Pot("requests", 10);
    pot.lease(1, 4);
    pot.lease(2, 3);
    expect(pot.left(100_000, 0)).toBe(3);
    pot.lease(2, -9);
    expect([pot.leasedBy(2), pot.left(100_000, 1)]).toEqual([0, 5]);
    pot.bury(1, 100_000);
    expect([pot.left(100_000, 0), pot.pastWaitMs(100_000, 1), pot.idle(100_000)]).toEqual([6, 61_000, false]);
    expect([pot.left(161_000, 0), pot.idle(161_000)]).toEqual([10, true]);
  });

  it("of requests at a time forgets the dead at once", () => {
    const pot = new Pot("concurrency", 5);
    pot.lease(1, 5);
    pot.bury(1, 0);
    expect([pot.left(0, 0), pot.pastWaitMs(0, 1)]).toEqual([5, undefined]);
  });

  it("is shared generously, but not given away", () => {
    expect([generous(100, 4), generous(7, 4), generous(100, 0)]).toEqual([12, 0, 50]);
  });
});

describe("the office", () => {
  it("grants what is needed, what is waited for, or a share, and no more than is left", async () => {
    const office = new LeaseOffice(new HandClock(), [], []);
    const [one, two] = [office.join(1, holder()), office.join(2, holder())];
    expect(await one.ask([want(1)])).toEqual([{ amount: 250, left: 750 }]);
    expect(await two.ask([want(1, { want: 700 })])).toEqual([{ amount: 700, left: 50 }]);
    expect(await one.ask([want(50)])).toEqual([{ amount: 50, left: 0 }]);
    expect(office.leftOf(NAME)).toBe(0);
    expect(office.potsKept).toBe(1);
  });

  it("recalls from the others before it refuses, and says when there is hope", async () => {
    const office = new LeaseOffice(new HandClock(), [{ scope: "key", id: "k", month: "2026-11", amount: 100 }], []);
    const other = holder(0, 300);
    const [one] = [office.join(1, holder()), office.join(2, other)];
    expect(await one.ask([want(900)])).toEqual([{ amount: 900, left: 0 }]);
    expect(other.asked).toHaveLength(1);
    expect(await one.ask([want(1)])).toEqual([{ amount: 0, left: 0, waitMs: undefined }]);
    expect(await one.ask([want(1, { held: 5 })])).toEqual([{ amount: 0, left: 0, waitMs: 1_000 }]);
    expect(await one.ask([want(1_001)])).toEqual([{ amount: 0, left: 0, waitMs: undefined }]);
  });

  it("does not wait for who does not answer, and takes what comes late", async () => {
    const clock = new HandClock();
    const office = new LeaseOffice(clock, [], []);
    const late = Promise.withResolvers<readonly Return[]>();
    const silent = { recall: () => late.promise };
    const two = office.join(2, silent);
    expect(await two.ask([want(900, { want: 900 })])).toEqual([{ amount: 900, left: 100 }]);
    const asking = office.join(1, holder()).ask([want(200)]);
    clock.advance(250);
    expect(await asking).toEqual([{ amount: 0, left: 100, waitMs: undefined }]);
    late.resolve([{ name: NAME, freed: 400, held: 0 }]);
    await late.promise;
    await Promise.resolve();
    expect(office.leftOf(NAME)).toBe(500);
  });

  it("charges what the dead had settled, or all that they had leased where nobody can tell", async () => {
    const office = new LeaseOffice(new HandClock(), [], []);
    await office.join(1, holder()).ask([want(600)]);
    office.left(1, [{ scope: "key", id: "k", month: "2026-11", amount: 100 }]);
    expect(office.leftOf(NAME)).toBe(900);
    await office.join(1, holder()).ask([want(600)]);
    office.left(1, undefined);
    expect(office.leftOf(NAME)).toBe(300);
  });

  it("hears nothing more of the dead", async () => {
    const office = new LeaseOffice(new HandClock(), [], []);
    const dead = office.join(1, holder());
    await dead.ask([want(600)]);
    office.left(1, []);
    const next = office.join(1, holder());
    expect(await dead.ask([want(600)])).toEqual([{ amount: 0, left: 0 }]);
    expect(await next.ask([want(600)])).toEqual([{ amount: 600, left: 400 }]);
    dead.give([{ name: NAME, freed: 600, held: 0 }]);
    expect(office.leftOf(NAME)).toBe(400);
  });
});
