/** Heads that no client should send: hosts, paths, methods, headers. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Caller, chat, PATIENCE } from "./support/caller.ts";
import { KEYS, MODELS } from "./support/estate.ts";
import { bearer, errorOf, raw, type RawAnswer, type RawRequest } from "./support/raw.ts";
import { type Stand, startStand } from "./support/stand.ts";

const MODEL = MODELS.alpine.vllm;

let stand: Stand;
let caller: Caller;
const ask = (sent: RawRequest, from?: string): Promise<RawAnswer> => caller.ask(sent, from);
const says = (sent: RawRequest, expected: Readonly<Record<string, unknown>>): Promise<void> => caller.says(sent, expected);

beforeAll(async () => {
  stand = await startStand({ patience: PATIENCE });
  caller = new Caller(stand);
});
afterAll(() => stand.stop());

describe("a host that is", () => {
  const unknown = { status: 421, type: "invalid_request_error", code: "unknown_host", param: null };

  it.each([
    ["unknown", "other.test"],
    ["almost known", "alpine.test.evil.test"],
    ["known, with another port", "alpine.test:81"],
    ["known, with a dot", "alpine.test."],
    ["an address", "127.0.0.1"],
    ["with a user", "a@alpine.test"],
    ["with a path", "alpine.test/v1"],
    ["empty", ""],
    ["with a space", "alpine .test"],
  ])("%s", (_, host) => says({ host }, unknown));

  it("missing", async () => {
    const head = `GET /v1/models HTTP/1.1\r\nconnection: close\r\n${bearer(KEYS.alpine)}\r\n\r\n`;
    const answer = await raw({ port: stand.ports.hosts, pieces: [head] });
    expect({ status: answer.status, ...errorOf(answer) }).toMatchObject(unknown);
  });

  it("given twice is none", async () => {
    const answer = await ask({ headers: [bearer(KEYS.alpine), "host: bravo.test"] });
    expect([400, 421]).toContain(answer.status);
  });

  it("in capitals is the same host", async () => expect((await ask({ host: "ALPINE.test" })).status).toBe(200));

  it("forwarded by a stranger is not believed", async () => {
    await says(
      { host: "other.test", headers: [bearer(KEYS.alpine), "x-forwarded-host: alpine.test", "forwarded: host=alpine.test"] },
      unknown,
    );
    expect((await ask({ headers: [bearer(KEYS.alpine), "x-forwarded-host: bravo.test"] })).status).toBe(200);
  });

  it("in the target must be the one in the header", async () => {
    expect((await ask({ path: "http://alpine.test/v1/models" })).status).toBe(200);
    await says({ path: "http://bravo.test/v1/models" }, unknown);
    await says({ host: "bravo.test", path: "http://alpine.test/v1/models" }, unknown);
  });
});

describe("a path", () => {
  const nothing = { status: 404, type: "invalid_request_error", code: null };

  it.each([
    "/",
    "/v1",
    "/v1/unknown",
    "/v1/chat/completions/",
    "//v1/models",
    "/V1/models",
    "/v1/ch%61t/completions",
    "/metrics",
    "/admin/keys",
    "/v1/files",
  ])("%s is unknown", (path) => says({ path }, nothing));

  it.each(["/v1/../v1/models", "/v1/models/..", "/v1/./models", "/v1\\models", "*", "v1/models"])("%s is refused", async (path) => {
    expect((await ask({ path })).status).toBe(400);
  });

  it("of 9 kB is refused", () => says({ path: `/v1/models?${"a".repeat(9_000)}` }, { status: 431, code: "headers_too_large" }));

  it("may name a model with a slash, raw and encoded", async () => {
    for (const path of [`/v1/models/${MODEL}`, `/v1/models/${encodeURIComponent(MODEL)}`]) {
      const answer = await ask({ path });
      expect([answer.status, JSON.parse(answer.body).id]).toEqual([200, MODEL]);
    }
  });

  it.each(["%00", "alpine%2Fchat%00", "%zz", "%ff", "inner-vee", "bravo%2Fchat", "a".repeat(300), "__proto__", "%2e%2e%2fchat"])(
    "/v1/models/%s is no model",
    (name) => says({ path: `/v1/models/${name}` }, { status: 404, code: "model_not_found", param: "model" }),
  );
});

describe("a method", () => {
  it.each([
    ["GET", "/v1/chat/completions", "POST, OPTIONS"],
    ["DELETE", "/v1/chat/completions", "POST, OPTIONS"],
    ["HEAD", "/v1/chat/completions", "POST, OPTIONS"],
    ["POST", "/v1/models", "GET, HEAD, OPTIONS"],
    ["PUT", "/v1/models/x", "GET, HEAD, OPTIONS"],
    ["PATCH", "/v1/embeddings", "POST, OPTIONS"],
  ])("%s on %s is told what is allowed", async (method, path, allow) => {
    const answer = await ask({ method, path });
    expect([answer.status, answer.headers["allow"]]).toEqual([405, allow]);
    if (method !== "HEAD")
      expect(errorOf(answer)).toMatchObject({ type: "invalid_request_error", code: "method_not_supported", param: null });
  });

  it("HEAD has the answer's head and no body", async () => {
    const answer = await ask({ method: "HEAD" });
    expect([answer.status, answer.body]).toEqual([200, ""]);
    expect(answer.headers["content-length"]).toBe(String((await ask({})).body.length));
  });

  it("OPTIONS says what is allowed", async () => {
    const answer = await ask({ method: "OPTIONS", path: "/v1/chat/completions", headers: [] });
    expect([answer.status, answer.headers["allow"], answer.body]).toEqual([204, "POST, OPTIONS", ""]);
  });

  it("that is none is no HTTP", async () => {
    for (const method of ["BREW", "get", "CONNECT", "QUERY"]) expect([0, 400, 404, 405]).toContain((await ask({ method })).status);
  });
});

describe("headers", () => {
  it("of 64 kB are refused", () =>
    says({ headers: [bearer(KEYS.alpine), `x-a: ${"a".repeat(65_536)}`] }, { status: 431, code: "headers_too_large" }));

  it("200 of them are refused, not forgotten", () =>
    says(
      { headers: [...Array.from({ length: 200 }, (_, at) => `x-${at}: 1`), bearer(KEYS.alpine)] },
      { status: 431, code: "headers_too_large" },
    ));

  it("that do not end are not waited for", async () => {
    const answer = await raw({ port: stand.ports.hosts, pieces: ["GET /v1/models HTTP/1.1\r\nhost: alpine.test\r\n"] });
    expect([answer.status, errorOf(answer)?.["code"]]).toEqual([408, "request_timeout"]);
    expect(answer.tookMs).toBeLessThan(4 * PATIENCE.headersReadMsMax);
  });

  it("that drip are not waited for", async () => {
    const answer = await raw({
      port: stand.ports.hosts,
      pieces: ["GET /v1/models HTTP/1.1\r\n", ...Array.from({ length: 100 }, (_, at) => `x-${at}: 1\r\n`)],
      pauseMs: 20,
    });
    expect(answer.status).toBe(408);
    expect(answer.tookMs).toBeLessThan(4 * PATIENCE.headersReadMsMax);
  });

  it("a caller that says nothing at all is not waited for", async () => {
    const answer = await raw({ port: stand.ports.hosts, pieces: [] });
    expect(answer.tookMs).toBeLessThan(4 * PATIENCE.headersReadMsMax);
  });

  it("a line break smuggled into an id ends there", async () => {
    const answer = await ask(chat({ headers: ["x-client-request-id: a\r\nx-evil: 1", "x-request-id: chosen", "idempotency-key: b\rc"] }));
    expect(answer.status).toBe(400);
    expect(answer.bytes).not.toMatch(/x-evil|chosen/);
  });

  it("a caller's request id is not taken for ours", async () => {
    const answer = await ask({ headers: [bearer(KEYS.alpine), "x-request-id: chosen"] });
    expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("none of the caller's reach the engine", async () => {
    const odd = [
      "x-forwarded-for: 1.2.3.4",
      "forwarded: for=1.2.3.4",
      "cookie: a=b",
      "proxy-authorization: Basic eA==",
      "x-api-base: http://evil.test",
      "openai-organization: org",
      "traceparent: 00-0-0-0",
    ];
    expect((await ask(chat({ headers: odd }))).status).toBe(200);
    const seen = stand.engines.vllm.seen.filter(({ path }) => path === "/v1/chat/completions").at(-1);
    const text = JSON.stringify(seen?.headers);
    expect(text).not.toMatch(/1\.2\.3\.4|a=b|Basic|evil|traceparent|sk-alpine|openai-organization/);
    expect(Object.keys(seen?.headers ?? {}).length).toBeLessThan(10);
  });
});
