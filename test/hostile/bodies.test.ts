/** #21, #23, #29 and compression: bodies that name other hosts, that are deeper or larger than anything, or that are small and mean to grow. */
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bailiwick } from "../edge/support/gateway-process.ts";
import { bearer, errorOf } from "../edge/support/raw.ts";
import { KEYS } from "./support/estate.ts";
import { chat, JSON_TYPE, Siege } from "./support/siege.ts";

let siege: Siege;
beforeAll(async () => void (siege = await Siege.lay()), 40_000);
afterAll(() => siege.lift());

const MIB = 1024 * 1024;

describe("#21 a body that names an engine", () => {
  const WISHES: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["api_base", { api_base: "http://127.0.0.1:1" }],
    ["base_url", { base_url: "http://127.0.0.1:1" }],
    ["extra_headers", { extra_headers: { authorization: "Bearer x", host: "evil.test" } }],
    ["a nested one", { metadata: { api_base: "http://127.0.0.1:1" }, litellm_params: { api_base: "http://127.0.0.1:1" } }],
    ["a custom host", { custom_host: "evil.test", target: "http://evil.test", provider: { url: "http://evil.test" } }],
  ];

  it.each(WISHES)("by %s changes nothing: it goes where the configuration says, with the gateway's own head", async (_, more) => {
    const before = siege.home.asked.length;
    const answer = await siege.ask(chat({ more }));
    expect([200, 400]).toContain(answer.status);
    if (answer.status === 200) expect(siege.home.asked.length).toBe(before + 1);
    expect(JSON.stringify(siege.home.asked.at(-1)?.headers ?? {})).not.toMatch(/evil|Bearer x"/);
    expect(siege.away.asked).toEqual([]);
  });

  it("in the query or a header changes nothing either", async () => {
    const sent = chat({
      headers: ["x-portkey-custom-host: http://evil.test", "x-api-base: http://evil.test", "helicone-target-url: http://evil.test"],
    });
    const answer = await siege.ask({ ...sent, path: "/v1/chat/completions?api_base=http://evil.test&base_url=http://evil.test" });
    expect(answer.status).toBe(200);
    expect(siege.home.asked.at(-1)?.path).toBe("/v1/chat/completions");
  });

  it("by the engine's own transfer parameters is refused: they name a host that it would connect to", async () => {
    for (const name of ["kv_transfer_params", "ec_transfer_params"]) {
      const answer = await siege.ask(chat({ more: { [name]: { remote_host: "evil.test", remote_port: 1 } } }));
      expect([answer.status, errorOf(answer)?.["param"]]).toEqual([400, name]);
    }
  });
});

describe("#23 a configuration that names an engine so that two readers differ", () => {
  it.each([
    "https://eu.test#@evil.test",
    "https://user:pass@eu.test",
    "https://eu.test@evil.test",
    "ftp://eu.test",
    "//eu.test",
    "https://eu.test?x=1",
    "javascript:1",
    "https://",
  ])("%s does not load", async (url) => {
    const file = join(siege.folder, "confusing.yaml");
    writeFileSync(file, readFileSync(siege.file, "utf8").replace(siege.home.url, url));
    const { code, output } = await bailiwick(["check", file], siege.folder);
    expect([code, output]).toEqual([1, expect.stringContaining("base_url")]);
  });
});

describe("#29 a body that is", () => {
  const deep = (open: string, close: string): string =>
    String(chat().body).replace('"hi"', `${open.repeat(10_000)}${close.repeat(10_000)}`);
  const BODIES: readonly (readonly [string, string])[] = [
    ["10,000 lists deep", deep("[", "]")],
    ["10,000 objects deep", deep('{"a":', "1}").replace("1}", "1}")],
    ["open without an end", "[".repeat(1_000_000)],
    [
      "100,000 messages long",
      JSON.stringify({ model: "chat", messages: Array.from({ length: 100_000 }, () => ({ role: "user", content: "x" })) }),
    ],
    [
      "1,000 members wide",
      JSON.stringify({
        model: "chat",
        messages: [{ role: "user", content: "x" }],
        ...Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`m${at}`, at])),
      }),
    ],
    ["of 1,000 choices", String(chat({ more: { n: 1_000 } }).body)],
    ["of 1e9 tokens", String(chat({ more: { max_tokens: 1e9 } }).body)],
    ["of -1 tokens", String(chat({ more: { max_tokens: -1 } }).body)],
    ["of 1e308 tokens", String(chat().body).replace('"max_tokens":9', '"max_tokens":1e308')],
    ["of tokens as text", String(chat({ more: { max_tokens: "9" } }).body)],
    ["of a number of 100 kB", String(chat().body).replace('"max_tokens":9', `"max_tokens":${"9".repeat(100_000)}`)],
    ["of two models", String(chat().body).replace("{", '{"model":"away",')],
    ["of a model, once escaped", String(chat().body).replace("{", '{"mod\\u0065l":"away",')],
    ["of a model that is a prototype", String(chat({ model: "__proto__" }).body)],
    ["half a surrogate and no UTF-8", Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]).toString("latin1")],
  ];

  it.each(BODIES)("%s is refused, quickly", async (_, body) => {
    const before = siege.home.asked.length;
    const answer = await siege.ask({ ...chat(), body: Buffer.from(body, "latin1") });
    expect([400, 404, 413]).toContain(answer.status);
    expect(errorOf(answer)).toMatchObject({ type: "invalid_request_error" });
    expect(answer.tookMs).toBeLessThan(1_500);
    expect([siege.home.asked.length, await siege.holdsOpen()]).toEqual([before, 0]);
  });
});

describe("a compressed body", () => {
  /** A thousandth of what it would become. */
  const ZEROS = Buffer.alloc(64 * MIB, 0x20);

  it.each([
    ["gzip", () => gzipSync(ZEROS)],
    ["deflate", () => deflateSync(ZEROS)],
    ["br", () => brotliCompressSync(ZEROS)],
    ["zstd", () => zstdCompressSync(ZEROS)],
    ["gzip, gzip", () => gzipSync(gzipSync(ZEROS))],
    ["x-gzip", () => gzipSync(ZEROS)],
    ["unheard-of", () => Buffer.from("x")],
  ])("in %s is 415 and costs nothing", async (coding, bomb) => {
    const before = siege.gateway.rssBytes ?? 0;
    const body = bomb();
    const answer = await siege.ask({ ...chat(), headers: [bearer(KEYS.alpha), JSON_TYPE, `content-encoding: ${coding}`], body });
    expect([answer.status, errorOf(answer)?.["code"]]).toEqual([415, "unsupported_content_encoding"]);
    expect((siege.gateway.rssBytes ?? 0) - before).toBeLessThan(32 * MIB);
  });

  it("without saying so is no JSON", async () => {
    await siege.says({ ...chat(), body: gzipSync(String(chat().body)) }, { status: 400, type: "invalid_request_error" });
  });

  it("is not sent by us either, whatever the caller could read", async () => {
    const answer = await siege.ask(chat({ headers: ["accept-encoding: gzip, br, zstd"] }));
    expect([answer.status, answer.headers["content-encoding"]]).toEqual([200, undefined]);
    expect(siege.home.asked.at(-1)?.headers["accept-encoding"]).toBeUndefined();
  });
});
