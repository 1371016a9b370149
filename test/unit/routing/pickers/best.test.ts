import { expect, it } from "vitest";
import { best } from "../../../../src/routing/pickers/best.ts";

it("is the head of the list", () => {
  expect(best()).toBe(0);
});
