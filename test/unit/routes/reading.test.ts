import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { ALIAS, REQUEST, sha256 } from "../stages/fixture.ts";
import { KNOWN, openCounter } from "./counter.ts";

const MODEL_BODY = { id: ALIAS.name, object: "model", created: 1, owned_by: "brand" };

describe("health", () => {
  it("is alive whatever happens, and ready when the gateway says so, for anybody", async () => {
    const counter = openCounter();
    const headers = { host: "nobody.test" };
    expect(await counter.ask("GET", "/healthz", { headers })).toMatchObject({ status: 200, text: "ok\n" });
    expect(await counter.ask("GET", "/readyz", { headers })).toMatchObject({ status: 200, text: "ready\n" });
    counter.readiness = false;
    const unready = await counter.ask("GET", "/readyz", { headers });
    expect(unready).toMatchObject({ status: 503, text: "not ready\n" });
    expect(unready.headers.get("cache-control")).toBe("no-store");
    expect(await counter.ask("GET", "/healthz", { headers })).toMatchObject({ status: 200 });
  });
});

describe("models", () => {
  it("lists what this key may use, in the dialect it speaks", async () => {
    const { ask } = openCounter();
    const listed = await ask("GET", "/v1/models");
    expect(listed.body).toEqual({ object: "list", data: [MODEL_BODY] });
    expect(listed.headers.get("x-request-id")).toBe(REQUEST);
    const anthropic = await ask("GET", "/v1/models", { headers: { ...KNOWN, "anthropic-version": "2023-06-01" } });
    expect(anthropic.body).toMatchObject({ has_more: false, first_id: ALIAS.name, data: [{ type: "model" }] });
  });

  it("hides what the key may not use, in the list and by name alike", async () => {
    const counter = openCounter();
    const { key } = counter.principal;
    const bounded = { ...counter.principal, key: { ...key, models: new Set(["brand-small"]) } };
    Object.assign(counter.world.directory, { byKeyHash: (hash: string) => (hash === key.hash ? bounded : undefined) });
    expect((await counter.ask("GET", "/v1/models")).body).toEqual({ object: "list", data: [] });
    const hidden = await counter.ask("GET", `/v1/models/${ALIAS.name}`);
    expect(hidden).toMatchObject({ status: 404, body: { error: { code: "model_not_found", param: "model" } } });
  });

  it("shows one by its name, raw or encoded, slashes included", async () => {
    const counter = openCounter();
    expect((await counter.ask("GET", `/v1/models/${ALIAS.name}`)).body).toEqual(MODEL_BODY);
    expect((await counter.ask("GET", "/v1/models/brand%2Dlarge")).body).toEqual(MODEL_BODY);
    const slashed = { ...ALIAS, name: "org/large" };
    const principal = { ...counter.principal, msp: { ...counter.principal.msp, aliases: new Map([[slashed.name, slashed]]) } };
    Object.assign(counter.world.directory, { byKeyHash: () => principal });
    for (const path of ["/v1/models/org/large", "/v1/models/org%2Flarge"])
      expect((await counter.ask("GET", path)).body).toMatchObject({ id: "org/large" });
  });

  it.each([
    ["/v1/models/nothing", "The model `nothing` does not exist or you do not have access to it."],
    ["/v1/models/a%0Ab", "The model `a?b` does not exist or you do not have access to it."],
    ["/v1/models/%E0%A4%A", "The model does not exist or you do not have access to it."],
    [
      `/v1/models/${"m".repeat(BOUNDS.modelNameBytesMax + 1)}`,
      `The model \`${"m".repeat(100)}\` does not exist or you do not have access to it.`,
    ],
  ])("says of %s that it is not there, and echoes nothing odd", async (path, message) => {
    const { ask } = openCounter();
    expect(await ask("GET", path)).toMatchObject({ status: 404, body: { error: { code: "model_not_found", message } } });
  });

  it("wants a key, on its own host", async () => {
    const { ask } = openCounter();
    expect(await ask("GET", "/v1/models", { headers: { host: "brand.test" } })).toMatchObject({ status: 401 });
    expect(await ask("GET", "/v1/models", { headers: { ...KNOWN, host: "other.test" } })).toMatchObject({
      status: 421,
      body: { error: { code: "unknown_host" } },
    });
  });
});

describe("usage and costs", () => {
  it.each([
    ["/v1/organization/usage/completions", { object: "page" }],
    ["/v1/organization/costs", { object: "page" }],
  ])("%s is of the key's own tenant and project, whatever was asked", async (path, body) => {
    const counter = openCounter();
    const asked = `${path}?start_time=${Math.floor(counter.clock.nowMs() / 1_000) - 86_400}`;
    expect(await counter.ask("GET", asked)).toMatchObject({ status: 200, body });
    expect(counter.queries).toMatchObject([{ tenant: "tenant", projects: ["project"] }]);
    const foreign = await counter.ask("GET", `${asked}&project_ids=other`);
    expect(foreign.status === 200 ? counter.queries[1]?.projects : []).not.toContain("other");
    const unknown = { host: "brand.test", authorization: `Bearer ${sha256("x")}` };
    expect(await counter.ask("GET", asked, { headers: unknown })).toMatchObject({ status: 401 });
  });
});
