import { describe, expect, it } from "vitest";
import { ADMIN } from "../../../../src/routes/admin/table.ts";
import { openDesk } from "./desk.ts";

describe("the administration's table", () => {
  it("has each route once", () => {
    const names = ADMIN.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it("says whether the process is alive and ready, and gives its metrics", async () => {
    const desk = openDesk();
    desk.readiness = false;
    expect(await desk.ask("GET", "/healthz")).toMatchObject({ status: 200, text: "ok\n" });
    expect(await desk.ask("GET", "/readyz")).toMatchObject({ status: 503, text: "not ready\n" });
    const metrics = await desk.ask("GET", "/metrics");
    expect(metrics.text).toBe("metric 1\n");
    expect(metrics.headers.get("content-type")).toContain("version=0.0.4");
  });

  it("shows a tenant's usage and costs, and asks whose", async () => {
    const desk = openDesk();
    for (const path of ["/v1/organization/usage/completions", "/v1/organization/costs"]) {
      expect(await desk.ask("GET", `${path}?start_time=1700000000`)).toMatchObject({ status: 400, body: { error: { param: "tenant" } } });
      expect(await desk.ask("GET", `${path}?start_time=1700000000&tenant=t1`)).toMatchObject({ status: 200, body: { object: "page" } });
    }
    expect(desk.queries.map(({ tenant, projects }) => [tenant, projects])).toEqual([
      ["t1", undefined],
      ["t1", undefined],
    ]);
  });
});
