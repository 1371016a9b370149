import { expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { IdleMemory } from "../../../../src/entry/node/idle-memory.ts";

function fresh() {
  let look = (): void => undefined;
  let running = 0;
  let collected = 0;
  const every = (_: number, then: () => void) => {
    look = then;
    return () => undefined;
  };
  new IdleMemory(
    () => running,
    () => void (collected += 1),
  ).start({ every });
  /** What is running at one look after the other. */
  const see = (...counts: readonly number[]): number => {
    for (const count of counts) {
      running = count;
      look();
    }
    return collected;
  };
  return { see };
}

it("collects once after a crowd, when nobody has been there for two looks", () => {
  const { see } = fresh();
  expect(see(BOUNDS.idleMemoryRequestsMin, 3, 0, 1, 0)).toBe(0);
  expect(see(0)).toBe(1);
  expect(see(0, 0, 0, 1, 0, 0)).toBe(1);
  expect(see(BOUNDS.idleMemoryRequestsMin, 0, 0)).toBe(2);
});

it("leaves the everyday alone", () => {
  expect(fresh().see(BOUNDS.idleMemoryRequestsMin - 1, 0, 0, 0)).toBe(0);
});

it("can really be done", () => {
  let look = (): void => undefined;
  let running: number = BOUNDS.idleMemoryRequestsMin;
  const every = (_: number, then: () => void) => {
    look = then;
    return () => undefined;
  };
  new IdleMemory(() => running).start({ every });
  look();
  running = 0;
  look();
  look();
  expect(process.memoryUsage().heapUsed).toBeGreaterThan(0);
});
