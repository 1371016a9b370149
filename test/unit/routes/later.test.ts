import { describe, expect, it } from "vitest";
import { Fault } from "../../../src/faults.ts";
import { INFERENCE } from "../../../src/routes/endpoints.ts";
import { LATER, notOffered } from "../../../src/routes/later.ts";

describe("what comes later", () => {
  it("is no endpoint that is there, and says more than that it is not", () => {
    const there = new Set(INFERENCE.map(({ path }) => path));
    for (const later of LATER) {
      expect(there.has(later.path)).toBe(false);
      // Hono's bare star would take the path above it as well.
      expect(later.path).not.toMatch(/\*$/);
      const tell = notOffered(later);
      expect(tell).toThrow(Fault);
      expect(tell).toThrow(/here/);
    }
  });
});
