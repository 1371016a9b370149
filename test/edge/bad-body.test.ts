/** Bodies that no client should send: each gets its documented answer, in bounded time, and opens no hold. */
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BOUNDS } from "../../src/bounds.ts";
import { KEYS, MODELS } from "./support/estate.ts";
import { bearer, errorOf, raw, type RawAnswer, request } from "./support/raw.ts";
import { type Stand, startStand } from "./support/stand.ts";
import { until } from "./support/until.ts";

const PATIENCE = { headersReadMsMax: 400, bodyReadMsMax: 800 };
const TOOK_MS_MAX = 3_000;
const MODEL = MODELS.alpine.vllm;
const JSON_TYPE = "content-type: application/json";

let stand: Stand;
beforeAll(async () => void (stand = await startStand({ patience: PATIENCE })));
afterAll(() => stand.stop());

interface Sent {
  readonly path?: string;
  readonly headers?: readonly string[];
  readonly body: string | Buffer;
}

function send({ path = "/v1/chat/completions", headers = [], body }: Sent): Promise<RawAnswer> {
  return raw({ port: stand.ports.hosts, pieces: [request({ path, headers: [bearer(KEYS.alpine), JSON_TYPE, ...headers], body })] });
}

function chat(members: string): string {
  return `{"model":"${MODEL}","messages":[{"role":"user","content":"hi"}]${members === "" ? "" : `,${members}`}}`;
}

/** Status, code and param; the type follows from the status. */
type Expected = readonly [status: number, code: string | null, param: string | null];

async function refused(sent: Sent, [status, code, param]: Expected): Promise<void> {
  const answer = await send(sent);
  expect({ status: answer.status, ...errorOf(answer) }).toMatchObject({ status, type: "invalid_request_error", code, param });
  expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
  expect(answer.headers["content-type"]).toBe("application/json");
  expect(answer.tookMs).toBeLessThan(TOOK_MS_MAX);
  expect(stand.holdsOpen()).toBe(0);
}

const deep = `{"model":"${MODEL}","messages":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
const many = `{"model":"${MODEL}","messages":[${Array.from({ length: 100_000 }, () => '{"role":"user","content":"x"}').join(",")}]}`;

describe("a chat body that is", () => {
  it.each<readonly [string, string | Buffer, Expected]>([
    ["empty", "", [400, null, null]],
    ["not JSON", "hello", [400, null, null]],
    ["cut off", chat("").slice(0, -5), [400, null, null]],
    ["a list", "[]", [400, null, null]],
    ["followed by something", `${chat("")} x`, [400, null, null]],
    ["not UTF-8", Buffer.concat([Buffer.from(chat("").slice(0, -4)), Buffer.from([0xff, 0xfe]), Buffer.from('"}]}')]), [400, null, null]],
    ["10,000 deep", deep, [400, null, null]],
    ["of 100,000 messages", many, [400, "array_above_max_length", "messages"]],
    ["without a model", '{"messages":[]}', [400, "missing_required_parameter", "model"]],
    ["without messages", `{"model":"${MODEL}"}`, [400, "missing_required_parameter", "messages"]],
    ["of no messages", `{"model":"${MODEL}","messages":[]}`, [400, "empty_array", "messages"]],
    ["of a model that is a number", '{"model":7,"messages":[{}]}', [400, "invalid_type", "model"]],
    ["of messages that are a text", `{"model":"${MODEL}","messages":"hi"}`, [400, "invalid_type", "messages"]],
    ["of an unknown model", chat("").replace(MODEL, "gpt-4"), [404, "model_not_found", "model"]],
    ["of the other reseller's model", chat("").replace(MODEL, MODELS.bravo.vllm), [404, "model_not_found", "model"]],
    ["of a model by its inner name", chat("").replace(MODEL, "inner-vee"), [404, "model_not_found", "model"]],
    ["of an embedding model", chat("").replace(MODEL, MODELS.alpine.embedding), [404, "model_not_found", "model"]],
    ["of n = 1000", chat('"n":1000'), [400, "integer_above_max_value", "n"]],
    ["of n = 0", chat('"n":0'), [400, "integer_below_min_value", "n"]],
    ["of n = 1.5", chat('"n":1.5'), [400, "invalid_type", "n"]],
    ["of max_tokens = 1e9", chat('"max_tokens":1e9'), [400, "integer_above_max_value", "max_tokens"]],
    ["of max_completion_tokens = 1e308", chat('"max_completion_tokens":1e308'), [400, "integer_above_max_value", "max_completion_tokens"]],
    ["of max_tokens = -1", chat('"max_tokens":-1'), [400, "integer_below_min_value", "max_tokens"]],
    ["of max_tokens = NaN", chat('"max_tokens":NaN'), [400, null, null]],
    ["of max_tokens as text", chat('"max_tokens":"10"'), [400, "invalid_type", "max_tokens"]],
    ["of temperature = -1", chat('"temperature":-1'), [400, "decimal_below_min_value", "temperature"]],
    ["of temperature = 1e999", chat('"temperature":1e999'), [400, "invalid_value", "temperature"]],
    ["of stream as text", chat('"stream":"yes"'), [400, "invalid_type", "stream"]],
    ["of stream_options without a stream", chat('"stream_options":{"include_usage":true}'), [400, "invalid_value", "stream_options"]],
    ["of a model given twice", chat(`"model":"${MODEL}"`), [400, "duplicate_parameter", "model"]],
    ["of max_tokens given twice, once escaped", chat('"max_tokens":1,"max\\u005ftokens":9'), [400, "duplicate_parameter", "max_tokens"]],
    ["of a model with NUL", chat("").replace(MODEL, "a\\u0000b"), [404, "model_not_found", "model"]],
    ["of a model of 10 kB", chat("").replace(MODEL, "m".repeat(10_000)), [400, "invalid_value", "model"]],
  ])("%s", (_, body, expected) => refused({ body }, expected));

  it.each<readonly [string, string, readonly string[], Expected]>([
    ["compressed", "gzip", ["content-encoding: gzip"], [415, "unsupported_content_encoding", null]],
    ["compressed twice", "gzip, br", ["content-encoding: gzip, br"], [415, "unsupported_content_encoding", null]],
    ["of another type", "text", ["content-type: text/plain"], [415, "unsupported_media_type", null]],
    ["a form", "form", ["content-type: multipart/form-data; boundary=x"], [415, "unsupported_media_type", null]],
  ])("%s", async (_, _kind, headers, expected) => {
    const [status, code, param] = expected;
    const pieces = [request({ headers: [bearer(KEYS.alpine), ...headers], body: gzipSync(chat("")) })];
    const answer = await raw({ port: stand.ports.hosts, pieces });
    expect({ status: answer.status, ...errorOf(answer) }).toMatchObject({ status, code, param });
    expect(stand.holdsOpen()).toBe(0);
  });
});

describe("a body that is too large", () => {
  const size = BOUNDS.bodyBytesMax + 4 * 1024 * 1024;

  it("is refused by what it declares, before it has come", async () => {
    const head = request({ headers: [bearer(KEYS.alpine), JSON_TYPE, `content-length: ${size}`] });
    const answer = await raw({ port: stand.ports.hosts, pieces: [head] });
    expect({ status: answer.status, ...errorOf(answer) }).toMatchObject({ status: 413, code: "request_too_large" });
    expect(answer.tookMs).toBeLessThan(PATIENCE.bodyReadMsMax);
  });

  it("is refused while it comes, when it declares nothing, and not kept", async () => {
    const before = process.memoryUsage().arrayBuffers;
    const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(0x10_00_00, 0x20), Buffer.from("\r\n")]);
    const pieces = [
      request({ headers: [bearer(KEYS.alpine), JSON_TYPE, "transfer-encoding: chunked"] }),
      ...Array.from({ length: 20 }, () => chunk),
    ];
    const answer = await raw({ port: stand.ports.hosts, pieces });
    expect([413, 0]).toContain(answer.status); // 0: the reset overtook the answer
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * BOUNDS.bodyBytesMax);
    expect(stand.holdsOpen()).toBe(0);
  });
});

describe("a body whose frame is wrong", () => {
  const rest = (): string[] => [bearer(KEYS.alpine), JSON_TYPE];

  it.each<readonly [string, readonly string[], string]>([
    ["two lengths", ["content-length: 5", "content-length: 6"], "hello"],
    ["a length and chunks", ["content-length: 5", "transfer-encoding: chunked"], "0\r\n\r\n"],
    ["a negative length", ["content-length: -1"], ""],
    ["a length in hex", ["content-length: 0x10"], "hello"],
    ["chunks and identity", ["transfer-encoding: chunked, identity"], "0\r\n\r\n"],
    ["a space before the colon", ["transfer-encoding : chunked"], "0\r\n\r\n"],
    ["a folded header", ["x-a: 1\r\n b: 2", "content-length: 2"], "{}"],
    ["a chunk size that is none", ["transfer-encoding: chunked"], "zz\r\nhello\r\n0\r\n\r\n"],
    ["a bare line feed", ["x-a: 1\nx-b: 2", "content-length: 2"], "{}"],
  ])("%s", async (_, headers, body) => {
    const answer = await raw({ port: stand.ports.hosts, pieces: [request({ headers: [...rest(), ...headers], body })] });
    expect({ status: answer.status, ...errorOf(answer) }).toMatchObject({ status: 400, type: "invalid_request_error" });
    expect(answer.headers["connection"]).toBe("close");
    expect(stand.holdsOpen()).toBe(0);
  });

  it("is shorter than it says, and the caller closes: nothing is left of it", async () => {
    const pieces = [request({ headers: [...rest(), "content-length: 1000"], body: "{}" })];
    const answer = await raw({ port: stand.ports.hosts, pieces, finish: true });
    expect([0, 400, 408]).toContain(answer.status);
    expect(stand.holdsOpen()).toBe(0);
  });

  it("never comes: 408 within its bound", async () => {
    const pieces = [request({ headers: [...rest(), "content-length: 1000"], body: "{" })];
    const answer = await raw({ port: stand.ports.hosts, pieces });
    expect({ status: answer.status, ...errorOf(answer) }).toMatchObject({ status: 408, code: "request_timeout" });
    expect(answer.tookMs).toBeLessThan(3 * PATIENCE.bodyReadMsMax);
  });

  it("drips: 408 within its bound", async () => {
    const pieces = [request({ headers: [...rest(), "content-length: 1000"] }), ...Array.from({ length: 200 }, () => " ")];
    const answer = await raw({ port: stand.ports.hosts, pieces, pauseMs: 20 });
    expect(answer.status).toBe(408);
    expect(answer.tookMs).toBeLessThan(3 * PATIENCE.bodyReadMsMax);
  });

  it("comes in chunks, and is as good as whole", async () => {
    const body = chat('"max_tokens":3');
    const chunks = body.match(/.{1,7}/gs)?.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`) ?? [];
    const pieces = [request({ headers: [...rest(), "transfer-encoding: chunked"] }), ...chunks, "0\r\n\r\n"];
    const answer = await raw({ port: stand.ports.hosts, pieces });
    expect(answer.status).toBe(200);
  });

  it("waits for 100 Continue and gets it", async () => {
    const body = chat('"max_tokens":3');
    const pieces = [request({ headers: [...rest(), "expect: 100-continue", `content-length: ${body.length}`] }), body];
    const answer = await raw({ port: stand.ports.hosts, pieces, pauseMs: 50 });
    expect(answer.bytes).toMatch(/^HTTP\/1\.1 100 Continue\r\n/);
    expect(answer.status).toBe(200);
  });
});

describe("other endpoints", () => {
  it.each<readonly [string, string, Expected]>([
    ["/v1/embeddings", `{"model":"${MODELS.alpine.embedding}","input":[]}`, [400, "empty_array", "input"]],
    ["/v1/embeddings", `{"model":"${MODELS.alpine.embedding}"}`, [400, "missing_required_parameter", "input"]],
    [
      "/v1/embeddings",
      `{"model":"${MODELS.alpine.embedding}","input":"a","encoding_format":"int8"}`,
      [400, "invalid_value", "encoding_format"],
    ],
    [
      "/v1/embeddings",
      `{"model":"${MODELS.alpine.embedding}","input":[${'"a",'.repeat(3000)}"a"]}`,
      [400, "array_above_max_length", "input"],
    ],
    ["/v1/completions", `{"model":"${MODEL}"}`, [400, "missing_required_parameter", "prompt"]],
    ["/v1/completions", `{"model":"${MODEL}","prompt":{}}`, [400, "invalid_type", "prompt"]],
    ["/v1/tokenize", `{"model":"${MODEL}"}`, [400, "missing_required_parameter", "prompt"]],
  ])("%s refuses %s", (path, body, expected) => refused({ path, body }, expected));
});

it("a prompt longer than the context is the engine's refusal in OpenAI's words, and the hold is closed", async () => {
  const answer = await send({ body: chat("").replace('"hi"', `"${"word ".repeat(40_000)}"`) });
  expect({ status: answer.status, ...errorOf(answer) }).toMatchObject({ status: 400, code: "context_length_exceeded", param: "messages" });
  await until("the hold is closed", () => stand.holdsOpen() === 0);
});
