import { describe, expect, it } from "vitest";
import { INFERENCE } from "../../src/routes/endpoints.ts";
import { READING } from "../../src/routes/reading.ts";
import { KNOWN, openCounter } from "./routes/counter.ts";
import { answerJson, CHAT_BODY, settled } from "./stages/fixture.ts";

describe("the callers' app", () => {
  it("serves inference through the straight line", async () => {
    const counter = openCounter();
    const headers = { ...KNOWN, "content-type": "application/json" };
    const reply = counter.ask("POST", "/v1/chat/completions", { body: CHAT_BODY, headers });
    await settled();
    answerJson(counter.transport.last, "hi");
    expect(await reply).toMatchObject({ status: 200, body: { model: "brand-large", object: "chat.completion" } });
    expect(counter.records).toMatchObject([{ route: "/v1/chat/completions", outcome: "served" }]);
  });

  it("turns whatever is thrown into OpenAI's shape, a broken invariant into a plain 500", async () => {
    const counter = openCounter();
    expect(
      await counter.ask("POST", "/v1/chat/completions", { body: "{", headers: { ...KNOWN, "content-type": "application/json" } }),
    ).toMatchObject({
      status: 400,
      body: { error: { type: "invalid_request_error", param: null, code: null } },
    });
    const broken = openCounter();
    Object.assign(broken.world.directory, { byKeyHash: () => Object.freeze({}) });
    const answer = await broken.ask("GET", "/v1/models");
    expect(answer).toMatchObject({ status: 500, body: { error: { code: "internal_error", type: "server_error" } } });
    expect(answer.text).not.toMatch(/undefined|TypeError|\.ts/);
  });

  it.each(INFERENCE.map(({ path }) => path))("%s takes POST alone", async (path) => {
    const { ask } = openCounter();
    for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
      const refused = await ask(method, path);
      expect(refused).toMatchObject({ status: 405, body: { error: { code: "method_not_supported", message: "Use POST here." } } });
      expect(refused.headers.get("allow")).toBe("POST, OPTIONS");
    }
    const options = await ask("OPTIONS", path);
    expect([options.status, options.headers.get("allow"), options.text]).toEqual([204, "POST, OPTIONS", ""]);
  });

  it.each(READING.map(({ path }) => path.replace(":model{.+}", "x")))("%s takes GET and HEAD alone", async (path) => {
    const { ask } = openCounter();
    const refused = await ask("POST", path, { body: "{}", headers: KNOWN });
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  });

  it("shows an unknown path back printable and short, and notes it as one route", async () => {
    const counter = openCounter();
    expect(await counter.ask("GET", "/v1/nothing")).toMatchObject({
      status: 404,
      body: { error: { message: "Unknown request URL: GET /v1/nothing." } },
    });
    const long = await counter.ask("DELETE", `/${"é".repeat(300)}`);
    expect(long.body["error"]).toMatchObject({ message: `Unknown request URL: DELETE /${"?".repeat(199)}.` });
    expect(counter.records.map(({ route }) => route)).toEqual(["unknown", "unknown"]);
  });

  it("decodes nothing of a path, so that nothing can be two paths", async () => {
    const { ask } = openCounter();
    for (const path of ["/v1/models/../models", "/%761/models", "//v1/models", "/v1/models/"])
      expect([path, (await ask("GET", path)).status]).toEqual([path, 404]);
  });

  it("counts requests without any key apart", async () => {
    const counter = openCounter();
    const keyless = { headers: { host: "brand.test" } };
    expect(await counter.ask("GET", "/v1/models", keyless)).toMatchObject({ status: 401 });
    counter.doorOpen = false;
    expect(await counter.ask("POST", "/v1/chat/completions", keyless)).toMatchObject({
      status: 429,
      body: { error: { code: "too_many_failed_attempts" } },
    });
    expect([counter.keylessAt.length, counter.failedAt.length]).toEqual([2, 0]);
  });

  it("counts failed keys at the door, and only those; too many wait", async () => {
    const counter = openCounter();
    const guessed = { headers: { host: "brand.test", authorization: "Bearer sk-guess" } };
    await counter.ask("GET", "/v1/models");
    await counter.ask("GET", "/v1/models", { headers: { ...KNOWN, host: "other.test" } });
    expect(counter.failedAt).toEqual([]);
    expect(await counter.ask("GET", "/v1/models", guessed)).toMatchObject({ status: 401 });
    counter.doorOpen = false;
    const told = await counter.ask("GET", "/v1/models", guessed);
    expect([told.status, told.headers.get("retry-after")]).toEqual([429, "60"]);
    expect(counter.failedAt).toEqual(["192.0.2.1", "192.0.2.1"]);
    expect(counter.keylessAt).toEqual([]);
  });
});
