import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Roster, type Enrolled } from "../../../src/domain/roster.ts";

interface Named extends Enrolled {
  readonly name: number;
}

const named = (name: number): Named => ({ name, place: -1 });

function names(roster: Roster<Named>): number[] {
  const found: number[] = [];
  roster.forEach(({ name }) => found.push(name));
  return found.sort((a, b) => a - b);
}

describe("Roster", () => {
  it("holds what a set would hold, whatever comes and goes", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 9 })), { maxLength: 60 }), (moves) => {
        const roster = new Roster<Named>();
        const oracle = new Set<number>();
        const members = Array.from({ length: 10 }, (_, name) => named(name));
        for (const [comes, name] of moves) {
          const member = members[name] ?? named(name);
          if (comes && !oracle.has(name)) {
            roster.add(member);
            oracle.add(name);
          } else if (!comes) expect(roster.delete(member)).toBe(oracle.delete(name));
        }
        expect(names(roster)).toEqual([...oracle].sort((a, b) => a - b));
        expect(roster.size).toBe(oracle.size);
      }),
    );
  });

  it("shows everyone although they leave while they are shown", () => {
    const roster = new Roster<Named>();
    for (let name = 0; name < 5; name++) roster.add(named(name));
    const shown: number[] = [];
    roster.forEach((member) => {
      shown.push(member.name);
      roster.delete(member);
    });
    expect(shown.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    expect(roster.size).toBe(0);
  });

  it("does not confuse a stranger with a member at its place", () => {
    const roster = new Roster<Named>();
    roster.add(named(1));
    expect(roster.delete({ name: 2, place: 0 })).toBe(false);
    expect(roster.size).toBe(1);
  });
});
