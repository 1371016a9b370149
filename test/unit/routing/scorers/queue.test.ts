import { expect, it } from "vitest";
import { queue } from "../../../../src/routing/scorers/queue.ts";
import { candidate, saidBy } from "../planted.ts";

const waiting = (id: string, count: number) => candidate(id, { load: { running: 0, waiting: count, kvUse: undefined } });

it("falls from 1 without a queue to 0 for the longest; silence is neutral", () => {
  expect(saidBy(queue, [waiting("a", 0), waiting("b", 50), waiting("c", 100), candidate("d")])).toEqual([1, 0.5, 0, 0.5]);
});

it("makes little of short queues", () => {
  expect(saidBy(queue, [waiting("a", 0), waiting("b", 1)])).toEqual([1, 0.875]);
});
