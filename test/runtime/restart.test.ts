/** What a gateway that was killed without a word goes on with when it is started again. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FILE_KEY, makeHome, type Gateway, type Home } from "./support/process.ts";

let home: Home;
const running: Gateway[] = [];

beforeEach(async () => void (home = await makeHome()));
afterEach(async () => {
  for (const gateway of running.splice(0)) {
    gateway.signal("SIGKILL");
    await gateway.ended;
  }
  await home.remove();
});

async function start(): Promise<Gateway> {
  const gateway = await home.start();
  running.push(gateway);
  return gateway;
}

async function restart(gateway: Gateway): Promise<Gateway> {
  gateway.signal("SIGKILL");
  await gateway.ended;
  return start();
}

const GERMANY = [{ id: "T-1", require: { "backend.location.country": { in: ["DE"] } } }];
const FRANCE = [{ id: "T-2", require: { "backend.location.country": { in: ["FR"] } } }];
const TENANT = { id: "clinic", msp: "acme", name: "Clinic", default_class: "restricted" };

/** A key under a new tenant. */
async function enrol(gateway: Gateway, tenant: object, limits: { project?: object; key?: object } = {}): Promise<string> {
  expect(await gateway.admin("POST", "/admin/tenants", tenant)).toMatchObject({ status: 200 });
  const project = { id: "ward", tenant: TENANT.id, name: "Ward", ...(limits.project === undefined ? {} : { limits: limits.project }) };
  expect(await gateway.admin("POST", "/admin/projects", project)).toMatchObject({ status: 200 });
  const key = { project: "ward", name: "k", ...(limits.key === undefined ? {} : { limits: limits.key }) };
  const { status, body } = await gateway.admin("POST", "/admin/keys", key);
  expect(status).toBe(200);
  return String(body["value"]);
}

describe("after kill -9", () => {
  it("hands out no second window of requests, nor of tokens", async () => {
    home.configure("{ requests_per_minute: 3 }");
    const before = await start();
    const key = await enrol(before, { ...TENANT, policy: GERMANY, limits: { tokens_per_minute: 60 } });
    for (let count = 0; count < 3; count += 1) expect(await before.chat(FILE_KEY)).toMatchObject({ status: 200 });
    expect(await before.chat(FILE_KEY)).toMatchObject({ status: 429 });
    expect(await before.chat(key, 30)).toMatchObject({ status: 200 });
    const after = await restart(before);
    const refused = await after.chat(FILE_KEY);
    expect(refused).toMatchObject({ status: 429, body: { error: { type: "requests", code: "rate_limit_exceeded" } } });
    const waitMs = Number(refused.headers.get("retry-after-ms"));
    expect(waitMs).toBeGreaterThan(30_000);
    expect(waitMs).toBeLessThanOrEqual(61_000);
    expect(await after.chat(key, 30)).toMatchObject({ status: 429, body: { error: { type: "tokens" } } });
  }, 60_000);

  it("has the tenants that were made over the API, with their law and their limits", async () => {
    const before = await start();
    const budget = { requests_per_minute: 100, budget_per_month: "12.50" };
    const key = await enrol(
      before,
      { ...TENANT, policy: GERMANY, limits: budget },
      { project: { concurrency: 7 }, key: { tokens_per_minute: 5_000 } },
    );
    expect(await before.chat(key)).toMatchObject({ status: 200 });
    const after = await restart(before);
    expect(await after.chat(key)).toMatchObject({ status: 200 });
    const { body } = await after.admin("GET", "/admin/tenants");
    expect(body["data"]).toMatchObject([
      { id: "filed", home: "file" },
      { id: "clinic", home: "database", policy: GERMANY, limits: { ...budget, concurrency: null, budget_per_month: "12.5" } },
    ]);
    expect((await after.admin("GET", "/admin/projects?tenant=clinic")).body["data"]).toMatchObject([{ limits: { concurrency: 7 } }]);
    expect((await after.admin("GET", "/admin/keys?project=ward")).body["data"]).toMatchObject([{ limits: { tokens_per_minute: 5_000 } }]);
  }, 60_000);
});

describe("a policy over the API", () => {
  it("is law from the next request on, replaces the one before, and outlives a reload of the file", async () => {
    const gateway = await start();
    const key = await enrol(gateway, TENANT);
    expect(await gateway.chat(key)).toMatchObject({ status: 403 });
    expect(await gateway.admin("PUT", "/admin/tenants/clinic/policy", { policy: GERMANY })).toMatchObject({
      status: 200,
      body: { id: "clinic", policy: GERMANY },
    });
    expect(await gateway.chat(key)).toMatchObject({ status: 200 });
    expect(await gateway.admin("PUT", "/admin/tenants/clinic/policy", { policy: FRANCE })).toMatchObject({ status: 200 });
    const refused = await gateway.chat(key);
    expect(refused.status).toBe(403);
    expect(JSON.stringify(refused.body)).toContain("T-2");
    expect(await gateway.admin("PUT", "/admin/tenants/clinic/policy", { policy: GERMANY })).toMatchObject({ status: 200 });
    home.configure("{ concurrency: 9 }");
    gateway.signal("SIGHUP");
    await expect.poll(() => gateway.said(), { timeout: 5_000 }).toContain("configuration taken");
    expect(await gateway.chat(key)).toMatchObject({ status: 200 });
    expect(await gateway.chat(FILE_KEY)).toMatchObject({ status: 200 });
  }, 60_000);

  it("with problems is refused with all of them, and the one before stays", async () => {
    const gateway = await start();
    const key = await enrol(gateway, { ...TENANT, policy: GERMANY });
    const bad = [
      { id: "A", require: { "backend.location.cuontry": { in: ["DE"] } } },
      { require: { "backend.location.country": { in: ["Mars"] } } },
    ];
    const { status, body } = await gateway.admin("PUT", "/admin/tenants/clinic/policy", { policy: bad });
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: "invalid_value", param: "policy" } } });
    const said = JSON.stringify(body);
    for (const place of ["policy[0].require", "policy[1].id", "policy[1].require", "cuontry", "Mars"]) expect(said).toContain(place);
    expect(await gateway.chat(key)).toMatchObject({ status: 200 });
    expect(await gateway.admin("POST", "/admin/tenants", { ...TENANT, id: "other", policy: bad })).toMatchObject({ status: 400 });
    expect((await gateway.admin("GET", "/admin/tenants")).body["data"]).toHaveLength(2);
    expect(await gateway.admin("PUT", "/admin/tenants/filed/policy", { policy: GERMANY })).toMatchObject({
      status: 400,
      body: { error: { param: "id" } },
    });
  }, 60_000);

  it("that a changed file would make senseless keeps the file out, at a reload and at a start", async () => {
    const gateway = await start();
    const key = await enrol(gateway, {
      ...TENANT,
      policy: [{ id: "T-3", applies_to: "backend", require: { "backend.operator.id": { in: ["op"] } } }],
    });
    home.configure("{}", "renamed");
    gateway.signal("SIGHUP");
    await expect.poll(() => gateway.said(), { timeout: 5_000 }).toContain("not taken");
    expect(gateway.said()).toContain("tenant clinic (made over the API): policy[0].require");
    expect(await gateway.chat(key)).toMatchObject({ status: 200 });
    gateway.signal("SIGTERM");
    expect(await gateway.ended).toBe(0);
    await expect(start()).rejects.toThrow(/ended with 1:[^]*tenant clinic \(made over the API\): policy\[0\]\.require/);
    home.configure("{}");
    expect(await (await start()).chat(key)).toMatchObject({ status: 200 });
  }, 60_000);

  it("limits hold from the next request on", async () => {
    const gateway = await start();
    const key = await enrol(gateway, { ...TENANT, policy: GERMANY });
    expect(await gateway.chat(key)).toMatchObject({ status: 200 });
    expect(await gateway.admin("PUT", "/admin/projects/ward/limits", { requests_per_minute: 1 })).toMatchObject({
      status: 200,
      body: { id: "ward" },
    });
    expect(await gateway.chat(key)).toMatchObject({ status: 200 });
    expect(await gateway.chat(key)).toMatchObject({ status: 429 });
    expect(await gateway.admin("PUT", "/admin/projects/ward/limits", {})).toMatchObject({ status: 200 });
    expect(await gateway.chat(key)).toMatchObject({ status: 200 });
    expect(await gateway.admin("PUT", "/admin/projects/ward/limits", { requests_per_second: 1 })).toMatchObject({ status: 400 });
  }, 60_000);
});
