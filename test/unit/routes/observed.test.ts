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
    for (const record of counter.records) expect([record.usage, record.stream]).toEqual([undefined, false]);
  });

  it("under whoever asked, once that is known", async () => {
    const counter = openCounter();
    for (const path of ["/v1/models", "/v1/models/nothing", "/v1/organization/costs", "/healthz"]) await counter.ask("GET", path);
    await counter.ask("GET", "/v1/models", { headers: { host: "brand.test", authorization: "Bearer sk-wrong" } });
    const { principal } = counter;
    expect(counter.records.map((record) => [record.status, record.principal])).toEqual([
      [200, principal],
      [404, principal],
      [400, principal],
      [200, undefined],
      [401, undefined],
    ]);
  });

  it("with the status that went out", async () => {
    const counter = openCounter();
    counter.readiness = false;
    await counter.ask("GET", "/readyz");
    await counter.ask("OPTIONS", "/v1/models");
    expect(counter.records.map(({ status, fault }) => [status, fault])).toEqual([
      [503, undefined],
      [204, undefined],
    ]);
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
