import { describe, expect, it } from "vitest";
import { openDesk, SECRET } from "./desk.ts";

describe("the admin app", () => {
  it("asks for the secret wherever something can be seen or done, and nowhere else", async () => {
    const { ask } = openDesk();
    for (const path of ["/admin/tenants", "/admin/projects", "/admin/keys", "/v1/organization/costs"]) {
      expect(await ask("GET", path, { headers: {} })).toMatchObject({ status: 401 });
      expect(await ask("GET", path, { headers: { authorization: "Bearer sk-wrong" } })).toMatchObject({
        status: 401,
        body: { error: { code: "invalid_api_key" } },
      });
    }
    for (const path of ["/healthz", "/readyz", "/metrics"]) expect(await ask("GET", path, { headers: {} })).toMatchObject({ status: 200 });
    expect(await ask("GET", "/admin/tenants", { headers: { "x-api-key": SECRET } })).toMatchObject({ status: 200 });
  });

  it("is off without a secret in the configuration", async () => {
    expect(await openDesk({ keyHash: undefined }).ask("GET", "/admin/tenants")).toMatchObject({ status: 401 });
  });

  it("makes whoever keeps guessing wait", async () => {
    const desk = openDesk();
    desk.doorOpen = false;
    const answer = await desk.ask("GET", "/admin/keys", { headers: { authorization: "Bearer sk-guess" } });
    expect(answer).toMatchObject({ status: 429, body: { error: { code: "too_many_failed_attempts" } } });
    expect(answer.headers.get("retry-after")).toBe("60");
  });

  it("answers unknown routes and wrong methods in the same shape, and notes every request by its pattern", async () => {
    const desk = openDesk();
    expect(await desk.ask("GET", "/admin/nothing")).toMatchObject({ status: 404, body: { error: { type: "invalid_request_error" } } });
    expect(await desk.ask("PATCH", "/admin/tenants")).toMatchObject({ status: 404 });
    await desk.ask("PUT", "/admin/tenants/t9/limits", { body: {} });
    expect(desk.records.map(({ route, status }) => [route, status])).toEqual([
      ["unknown", 404],
      ["unknown", 404],
      ["/admin/tenants/:id/limits", 404],
    ]);
  });
});
