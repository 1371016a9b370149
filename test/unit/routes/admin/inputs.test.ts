import { describe, expect, it } from "vitest";
import { newLimits } from "../../../../src/routes/admin/inputs.ts";
import { openDesk } from "./desk.ts";

const TENANT = { id: "t2", msp: "m1", name: "T2", default_class: "internal" };

describe("request bodies", () => {
  it("take limits as the configuration file does, money as a decimal in quotes", () => {
    expect(newLimits.parse({ requests_per_minute: 0, budget_per_month: "0.000001" })).toEqual({
      requestsPerMinute: 0,
      tokensPerMinute: undefined,
      concurrency: undefined,
      budgetPerMonth: 1,
    });
    for (const limits of [
      { budget_per_month: 250 },
      { budget_per_month: "1e3" },
      { concurrency: -1 },
      { concurrency: 0.5 },
      { concurrency: null },
      { per_hour: 1 },
    ]) {
      expect(newLimits.safeParse(limits).success, JSON.stringify(limits)).toBe(false);
    }
  });

  it.each([
    ["an unknown member", { ...TENANT, colour: "red" }, "", "colour"],
    ["a missing one", { ...TENANT, name: undefined }, "name", ""],
    ["a wrong limit", { ...TENANT, limits: { concurrency: "many" } }, "limits.concurrency", ""],
    ["rules that are no list", { ...TENANT, policy: { rules: [] } }, "policy", ""],
    ["uses without a policy", { ...TENANT, uses: { sets: "1" } }, "uses", "belongs to a policy"],
  ])("refuse %s and name it", async (_, body, param, said) => {
    const answer = await openDesk().ask("POST", "/admin/tenants", { body });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_value", param } } });
    expect(answer.text).toContain(said);
  });

  it("name everything that is wrong at once", async () => {
    const { text } = await openDesk().ask("POST", "/admin/keys", { body: { project: "", name: "", expires_at: "tomorrow" } });
    for (const member of ["project: ", "name: ", "expires_at: "]) expect(text).toContain(member);
  });

  it("must be JSON", async () => {
    expect(await openDesk().ask("POST", "/admin/projects", { raw: "{" })).toMatchObject({ status: 400, body: { error: { code: null } } });
  });
});
