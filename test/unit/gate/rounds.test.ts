import { describe, expect, it } from "vitest";
import { Rounds } from "../../../src/gate/rounds.ts";

describe("Rounds", () => {
  it("comes to every entry again and again, newcomers included, and deletes what is done", () => {
    const map = new Map([1, 2, 3].map((value) => [String(value), value]));
    const rounds = new Rounds(map);
    const seen: number[] = [];
    const walk = (times: number) => {
      for (let count = 0; count < times; count += 1) rounds.next((value) => seen.push(value) > 0 && value === 2);
    };
    walk(2);
    map.set("4", 4);
    walk(7);
    expect(seen).toEqual([1, 2, 3, 4, 1, 3, 4]);
    expect([...map.keys()]).toEqual(["1", "3", "4"]);
  });

  it("bears an empty map", () => {
    const rounds = new Rounds(new Map<string, number>());
    rounds.next(() => true);
    rounds.next(() => true);
  });
});
