import { describe, expect, it } from "vitest";
import { openDesk } from "./desk.ts";

const TENANT = { id: "t2", msp: "m1", name: "T2", default_class: "internal" };
const RULES = [{ id: "A", require: { x: 1 } }];

describe("tenants", () => {
  it("are made with limits and law, and shown as they are", async () => {
    const { ask, law } = openDesk();
    const made = await ask("POST", "/admin/tenants", {
      body: { ...TENANT, limits: { concurrency: 3, budget_per_month: "250.50" }, policy: RULES, uses: { sets: "1" } },
    });
    const shown = {
      id: "t2",
      object: "organization",
      msp: "m1",
      name: "T2",
      default_class: "internal",
      limits: { requests_per_minute: null, tokens_per_minute: null, concurrency: 3, budget_per_month: "250.5" },
      policy: RULES,
      uses: { sets: "1" },
      home: "database",
    };
    expect(made).toMatchObject({ status: 200, body: shown });
    expect(law.inForce?.policies).toHaveLength(1);
    const { body } = await ask("GET", "/admin/tenants");
    expect(body).toMatchObject({
      object: "list",
      data: [{ id: "t1", home: "file" }, shown],
      first_id: "t1",
      last_id: "t2",
      has_more: false,
    });
    expect(JSON.stringify(body["data"]).match(/"policy"/g)).toHaveLength(1);
  });

  it("have their law replaced, or kept when the new one has problems", async () => {
    const { ask, law } = openDesk();
    await ask("POST", "/admin/tenants", { body: TENANT });
    expect(await ask("PUT", "/admin/tenants/t2/policy", { body: { policy: RULES } })).toMatchObject({
      status: 200,
      body: { policy: RULES, uses: null },
    });
    const refused = await ask("PUT", "/admin/tenants/t2/policy", { body: { policy: [{}, {}] } });
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_value", param: "policy", problems: [expect.any(String), expect.any(String)] } },
    });
    expect(refused.text).toContain("policy[1].id");
    expect(law.inForce?.policies[0]?.document).toMatchObject({ rules: RULES });
    expect(await ask("PUT", "/admin/tenants/t1/policy", { body: { policy: RULES } })).toMatchObject({
      status: 400,
      body: { error: { param: "id" } },
    });
    expect(await ask("PUT", "/admin/tenants/t9/policy", { body: { policy: RULES } })).toMatchObject({ status: 404 });
  });
});

describe("projects and keys", () => {
  it("are made, listed by their owner, limited, and a key is revoked", async () => {
    const { ask } = openDesk();
    expect(
      await ask("POST", "/admin/projects", { body: { id: "p2", tenant: "t1", name: "P2", limits: { requests_per_minute: 0 } } }),
    ).toMatchObject({
      status: 200,
      body: { id: "p2", object: "organization.project", tenant: "t1", limits: { requests_per_minute: 0 }, home: "database" },
    });
    const made = await ask("POST", "/admin/keys", {
      body: { project: "p2", name: "k", models: ["fast"], expires_at: "2027-01-01T00:00:00+01:00", limits: { tokens_per_minute: 9 } },
    });
    expect(made).toMatchObject({
      status: 200,
      body: { project: "p2", expires_at: 1_798_758_000, models: ["fast"], cidrs: null, limits: { tokens_per_minute: 9 } },
    });
    expect(made.body["value"]).toMatch(/^sk-/);
    expect(made.headers.get("cache-control")).toBe("no-store");
    const id = String(made.body["id"]);
    expect(await ask("PUT", `/admin/keys/${id}/limits`, { body: { concurrency: 2 } })).toMatchObject({
      status: 200,
      body: { id, limits: { concurrency: 2, tokens_per_minute: null } },
    });
    expect(await ask("PUT", "/admin/projects/p2/limits", { body: {} })).toMatchObject({ status: 200 });
    expect(await ask("PUT", "/admin/tenants/t1/limits", { body: {} })).toMatchObject({ status: 400, body: { error: { param: "id" } } });
    const listed = await ask("GET", "/admin/keys?project=p2");
    expect(listed.body["data"]).toMatchObject([{ id, limits: { concurrency: 2 } }]);
    expect(listed.text).not.toContain(String(made.body["value"]));
    expect((await ask("GET", "/admin/projects?tenant=t1")).body["data"]).toMatchObject([
      { id: "p1" },
      { id: "p2", limits: { requests_per_minute: null } },
    ]);
    expect(await ask("DELETE", `/admin/keys/${id}`)).toMatchObject({ status: 200, body: { id, revoked_at: expect.any(Number) } });
  });
});
