import { describe, expect, it } from "vitest";
import { limitsBody, listBody, projectBody } from "../../../../src/routes/admin/bodies.ts";
import { projectId, tenantId } from "../../../../src/domain/ids.ts";
import { NO_LIMITS } from "../../../contract/directory.ts";

describe("the administration's answers", () => {
  it.each([
    [0, "0"],
    [1, "0.000001"],
    [250_000, "0.25"],
    [1_000_000, "1"],
    [100_000_000, "100"],
    [12_500_000, "12.5"],
    [999_999_999_999_999, "999999999.999999"],
  ])("write %i micro-units as %s", (budgetPerMonth, text) => {
    expect(limitsBody({ ...NO_LIMITS, budgetPerMonth })["budget_per_month"]).toBe(text);
  });

  it("keep 0 apart from no limit", () => {
    expect(limitsBody({ ...NO_LIMITS, concurrency: 0 })).toEqual({
      requests_per_minute: null,
      tokens_per_minute: null,
      concurrency: 0,
      budget_per_month: null,
    });
  });

  it("have no first and last where there is nothing", () => {
    expect(JSON.parse(listBody([]).toString())).toEqual({ object: "list", data: [], first_id: null, last_id: null, has_more: false });
  });

  it("say where an object lives", () => {
    expect(projectBody({ id: projectId("p"), tenant: tenantId("t"), name: "P", limits: NO_LIMITS, home: "file" })).toMatchObject({
      id: "p",
      tenant: "t",
      home: "file",
    });
  });
});
