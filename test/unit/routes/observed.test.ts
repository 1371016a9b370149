import { describe, expect, it } from "vitest";
import { observed } from "../../../src/routes/observed.ts";
import { arrivalOf, REQUEST } from "../stages/fixture.ts";
import { openCounter } from "./counter.ts";

describe("every request that is no inference is noted", () => {
  it("by its pattern, with what was answered and how long it took", async () => {
    const counter = openCounter();
    await counter.ask("GET", "/v1/models/brand-large");
    await counter.ask("GET", "/v1/models/nothing");
    expect(counter.records).toMatchObject([
      { method: "GET", route: "/v1/models/:model{.+}", status: 200, outcome: "served", fault: undefined, attempts: 0 },
      { method: "GET", route: "/v1/models/:model{.+}", status: 404, outcome: "refused", fault: "model_not_found" },
    ]);
    for (const record of counter.records) expect([record.principal, record.usage, record.stream]).toEqual([undefined, undefined, false]);
  });

  it("also when it takes a while and then throws; what was thrown goes on as it was", async () => {
    const thrown = new Error("broken");
    const counter = openCounter();
    const handle = observed("/slow", () => {
      counter.clock.advance(1_500);
      throw thrown;
    });
    const facilities = { world: counter.world };
    await expect(handle(arrivalOf(), REQUEST, partly(facilities))).rejects.toBe(thrown);
    expect(counter.records).toMatchObject([{ route: "/slow", status: 500, fault: "internal", durationMs: 1_500 }]);
    expect(counter.records[0]?.detail).toContain("broken");
  });
});

/** Only what the observing looks at. */
function partly(value: unknown): Parameters<ReturnType<typeof observed>>[2] {
  return value as Parameters<ReturnType<typeof observed>>[2];
}
