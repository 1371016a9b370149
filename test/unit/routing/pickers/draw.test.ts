import { expect, it } from "vitest";
import { draw } from "../../../../src/routing/pickers/draw.ts";

const same = (share: number): number => share;

it("draws by share, and never a share of 0", () => {
  const drawn = [0, 0.24, 0.25, 0.99, 1 - 2 ** -53].map((unit) => draw([1, 0, 3], same, unit));
  expect(drawn).toEqual([0, 0, 2, 2, 2]);
});

it("draws evenly when all shares are 0", () => {
  expect([0, 0.49, 0.5, 0.99].map((unit) => draw([0, 0], same, unit))).toEqual([0, 0, 1, 1]);
});
