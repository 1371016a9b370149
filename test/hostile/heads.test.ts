/** #6 and #26: what a head may say of where a request comes from and where it goes, and that nobody believes it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, errorOf, raw, request } from "../edge/support/raw.ts";
import { until } from "../edge/support/until.ts";
import { HOSTS, KEYS } from "./support/estate.ts";
import { chat, JSON_TYPE, Siege } from "./support/siege.ts";

let siege: Siege;
beforeAll(async () => void (siege = await Siege.lay()), 40_000);
afterAll(() => siege.lift());

const UNKNOWN_HOST = { status: 421, code: "unknown_host" };
const KEY = bearer(KEYS.alpha);

describe("#6 a host", () => {
  it.each([
    "victim.test",
    "alpha.test:81",
    "alpha.test.",
    "a@alpha.test",
    "alpha.test/x",
    "alpha.test, beta.test",
    "alpha.test#",
    "xn--alpha.test",
    "[::1]",
    "",
  ])("%j is nobody's", (host) => siege.says({ host }, UNKNOWN_HOST).then(() => undefined));

  it.each([
    ["twice", "host: alpha.test\r\nhost: beta.test"],
    ["twice, equal", "host: alpha.test\r\nhost: alpha.test"],
    ["twice, in other letters", "host: alpha.test\r\nHOST: beta.test"],
    ["in no header", "x-a: 1"],
  ])("%s is nobody's", async (_, lines) => {
    const answer = await siege.send(`GET /v1/models HTTP/1.1\r\n${lines}\r\n${KEY}\r\nconnection: close\r\n\r\n`);
    expect({ status: answer.status, ...errorOf(answer) }).toMatchObject(UNKNOWN_HOST);
  });

  it("is the one in the target only where both say the same", async () => {
    expect((await siege.ask({ path: "http://alpha.test/v1/models" })).status).toBe(200);
    expect((await siege.ask({ path: "HTTP://ALPHA.TEST/v1/models" })).status).toBe(200);
    for (const path of ["http://beta.test/v1/models", "http://alpha.test@beta.test/v1/models", "https://beta.test:443/v1/models"])
      expect([400, 421]).toContain((await siege.ask({ path })).status);
  });

  it.each([
    "http://",
    "http:///v1/models",
    "ftp://alpha.test/v1/models",
    "http:alpha.test",
    "//alpha.test/v1/models",
    "http://alpha.test\\@beta.test/",
  ])("in a target like %s is none", async (path) => expect([400, 404]).toContain((await siege.ask({ path })).status));
});

describe("#6 forwarded headers of a stranger", () => {
  const lies = [
    "x-forwarded-host: alpha.test",
    "x-forwarded-for: 192.0.2.9",
    "x-real-ip: 192.0.2.9",
    "x-forwarded-proto: https",
    "forwarded: for=192.0.2.9;host=alpha.test;proto=https",
    "x-original-host: alpha.test",
    "x-original-url: /healthz",
    "x-rewrite-url: /healthz",
    "x-http-method-override: DELETE",
  ];

  it("give no host, no address, no path and no method", async () => {
    await siege.says({ host: "victim.test", headers: [KEY, ...lies] }, UNKNOWN_HOST);
    await siege.says({ headers: [bearer(KEYS.office), ...lies] }, { status: 401, code: "ip_not_authorized" });
    const answer = await siege.ask({ headers: [KEY, ...lies] });
    expect([answer.status, JSON.parse(answer.body).object]).toEqual([200, "list"]);
  });

  it("do not move the count of wrong keys to somebody else", async () => {
    const tries = Array.from({ length: 70 }, (_, at) =>
      siege.ask({ headers: [bearer("sk-guess"), `x-forwarded-for: 192.0.2.${at}`] }, "127.0.4.1"),
    );
    expect((await Promise.all(tries)).some(({ status }) => status === 429)).toBe(true);
  });
});

describe("#26 what the engine gets", () => {
  it("is the gateway's own: nothing that the caller's head says, and no hop's business", async () => {
    const odd = [
      "connection: close, authorization, x-api-key, content-length, host",
      "keep-alive: timeout=5",
      "te: trailers",
      "proxy-authorization: Basic eDp5",
      "proxy-connection: keep-alive",
      "x-forwarded-for: 192.0.2.9",
      "forwarded: for=192.0.2.9",
      "via: 1.1 evil",
      "cookie: session=1",
      `traceparent: 00-${"a".repeat(10_000)}`,
      "baggage: prompt=hidden",
      "x-request-id: chosen-by-the-caller",
      "openai-organization: org-1",
      "x-api-base: http://evil.test",
      "content-language: xx",
    ];
    const answer = await siege.ask({ ...chat({ headers: odd }) });
    expect(answer.status).toBe(200);
    const sent = siege.home.asked.at(-1)?.headers ?? {};
    expect(Object.keys(sent).sort()).toEqual(
      ["authorization", "connection", "content-length", "content-type", "host", "x-request-id"].sort(),
    );
    expect(JSON.stringify(sent)).not.toMatch(/sk-alpha|192\.0\.2|evil|chosen|hidden|aaaa/);
    expect(sent["x-request-id"]).toBe(answer.headers["x-request-id"]);
  });
});

describe("a method or an upgrade", () => {
  it("CONNECT is told that there are no tunnels", async () => {
    const answer = await siege.send("CONNECT evil.test:443 HTTP/1.1\r\nhost: evil.test:443\r\n\r\nGET / HTTP/1.1\r\n\r\n");
    expect([answer.status, answer.headers["connection"], errorOf(answer)?.["code"]]).toEqual([405, "close", "method_not_supported"]);
    expect(answer.bytes.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it("TRACE echoes nothing", async () => {
    const answer = await siege.ask({ method: "TRACE", headers: [KEY, "x-echo: canary"] });
    expect([answer.status, answer.bytes.includes("canary"), answer.bytes.includes("sk-alpha")]).toEqual([405, false, false]);
  });

  it.each([
    ["WebSocket", ["upgrade: websocket", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version: 13"]],
    ["HTTP/2", ["upgrade: h2c", "http2-settings: AAMAAABkAAQAAP__"]],
  ])("to %s is not heard; the request is answered as it stands", async (_, lines) => {
    const sent = request(chat({ headers: lines }))
      .toString("latin1")
      .replace("connection: close", "connection: close, upgrade");
    const answer = await siege.send(sent);
    expect([answer.status, answer.bytes.includes("101 ")]).toEqual([200, false]);
  });
});

describe("Expect", () => {
  it("100-continue is answered when the body is wanted, and not before", async () => {
    const { body = "", ...head } = chat({ headers: ["expect: 100-continue", `content-length: ${String(chat().body).length}`] });
    const answer = await raw({ port: siege.port, pieces: [request({ ...head }), body], pauseMs: 50 });
    expect([answer.bytes.startsWith("HTTP/1.1 100 Continue\r\n\r\n"), answer.status]).toEqual([true, 200]);
  });

  it("100-continue means nothing in HTTP/1.0", async () => {
    const { bytes } = await siege.send(
      request(chat({ headers: ["expect: 100-continue"] }))
        .toString("latin1")
        .replace("HTTP/1.1", "HTTP/1.0"),
    );
    expect(bytes).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([
    ["no key", { headers: [JSON_TYPE] }, 401],
    ["no such host", { host: "victim.test" }, 421],
    ["no such route", { path: "/v1/nothing" }, 404],
    ["a body that is too large", { headers: [KEY, JSON_TYPE, "content-length: 999999999"] }, 413],
    ["a body in a coding", { headers: [KEY, JSON_TYPE, "content-encoding: gzip"] }, 415],
  ])("100-continue with %s is refused before any body, and the connection ends", async (_, about, status) => {
    const { body: _body, ...head } = chat();
    const sent = { ...head, ...about };
    const framed = sent.headers?.some((line) => line.startsWith("content-length")) === true ? [] : ["content-length: 100"];
    const bytes = request({ ...sent, headers: [...(sent.headers ?? []), ...framed, "expect: 100-continue"] });
    const answer = await siege.send(bytes.toString("latin1").replace("connection: close\r\n", ""));
    expect([answer.bytes.includes("100 Continue"), answer.status, answer.headers["connection"]]).toEqual([false, status, "close"]);
  });

  it.each(["200-maybe", "100-continued", "nothing"])("%s is 417", (value) =>
    siege.says(chat({ headers: [`expect: ${value}`] }), { status: 417, code: "expectation_failed" }).then(() => undefined),
  );
});

describe("header bombs", () => {
  it.each([
    ["one of 64 kB", [`x-a: ${"a".repeat(65_536)}`]],
    ["101 of them", Array.from({ length: 101 }, (_, at) => `x-${at}: 1`)],
    ["5,000 empty ones", Array.from({ length: 5_000 }, () => "x:")],
    ["one name, a thousand times", Array.from({ length: 1_000 }, () => "x-forwarded-for: 192.0.2.1")],
    ["one that never ends its name", ["a".repeat(60_000)]],
  ])("%s: 431 or 400, at once", async (_, headers) => {
    const answer = await siege.ask({ headers: [KEY, ...headers] });
    expect([431, 400]).toContain(answer.status);
    expect(answer.tookMs).toBeLessThan(1_000);
  });

  it("a megabyte of header bytes is cut off, not gathered", async () => {
    const before = siege.gateway.rssBytes ?? 0;
    const flood = Array.from({ length: 50 }, () => siege.send(`GET / HTTP/1.1\r\nhost: alpha.test\r\nx: ${"y".repeat(1_048_576)}`));
    expect((await Promise.all(flood)).every(({ status }) => status === 431 || status === 0)).toBe(true);
    await until("it is gone", () => (siege.gateway.rssBytes ?? 0) - before < 80 * 1024 * 1024);
  });

  it("trailers by the thousand are bounded like a head", async () => {
    const body = String(chat().body);
    const bomb = `${body.length.toString(16)}\r\n${body}\r\n0\r\n${`x: ${"y".repeat(100)}\r\n`.repeat(2_000)}\r\n`;
    const answer = await siege.ask({ ...chat({ headers: ["transfer-encoding: chunked"] }), body: bomb, host: HOSTS.alpha });
    expect([431, 400]).toContain(answer.status);
  });
});
