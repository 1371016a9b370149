/** Keys that do not work, keys that work only so far, keys for idempotency, and callers that leave. */
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BOUNDS } from "../../src/bounds.ts";
import { Caller, chat, JSON_TYPE, PATIENCE } from "./support/caller.ts";
import { HOSTS, KEYS, MODELS } from "./support/estate.ts";
import { bearer, errorOf, raw, type RawAnswer, type RawRequest, request } from "./support/raw.ts";
import { type Stand, startStand } from "./support/stand.ts";
import { until } from "./support/until.ts";

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

describe("credentials", () => {
  const wrong = { status: 401, type: "invalid_request_error", code: "invalid_api_key", param: null };

  it.each<readonly [string, readonly string[], string, string | null]>([
    ["none", [], "127.0.1.1", null],
    ["another scheme", ["authorization: Basic eDp5"], "127.0.1.1", null],
    ["an empty bearer", ["authorization: Bearer"], "127.0.1.1", null],
    ["an empty header", ["authorization: "], "127.0.1.1", null],
    ["a quote", ["authorization: Bearer ' OR 1=1--"], "127.0.1.1", null],
    ["a dollar", ["authorization: Bearer $1"], "127.0.1.1", "invalid_api_key"],
    ["20 kB", [`authorization: Bearer ${"x".repeat(20_000)}`], "127.0.1.1", "invalid_api_key"],
    ["almost one", [bearer(`${KEYS.alpine}x`)], "127.0.1.1", "invalid_api_key"],
    ["one cut short", [bearer(KEYS.alpine.slice(0, -1))], "127.0.1.1", "invalid_api_key"],
    ["expired", [bearer(KEYS.expired)], "127.0.1.1", "invalid_api_key"],
    ["revoked", [bearer(KEYS.revoked)], "127.0.1.1", "invalid_api_key"],
    ["the other reseller's", [bearer(KEYS.bravo)], "127.0.1.1", "invalid_api_key"],
    ["for another address", [bearer(KEYS.elsewhere)], "127.0.1.1", "ip_not_authorized"],
    ["for another address, with a forged hop", [bearer(KEYS.elsewhere), "x-forwarded-for: 10.0.0.1"], "127.0.1.1", "ip_not_authorized"],
  ])("%s: 401", async (_, headers, from, code) => {
    const answer = await ask({ headers }, from);
    expect({ status: answer.status, ...errorOf(answer) }).toMatchObject({ ...wrong, code });
  });

  it("every reason that a key does not work reads the same", async () => {
    const shapes = await Promise.all(
      ["sk-nobody-0123456789abcdefghijklmnop", KEYS.expired, KEYS.revoked, KEYS.bravo].map(async (key) =>
        shapeOf(await ask({ headers: [bearer(key)] }, "127.0.1.2"), key),
      ),
    );
    expect(new Set(shapes).size).toBe(1);
  });

  it("and takes as long", async () => {
    const keys = ["sk-nobody-0123456789abcdefghijklmnop", KEYS.bravo];
    const took: number[][] = keys.map(() => []);
    for (let round = 0; round < 24; round += 1)
      for (const [at, key] of keys.entries()) took[at]?.push((await ask({ headers: [bearer(key)] }, "127.0.1.3")).tookMs);
    const [unknown = 0, foreign = 0] = took.map(median);
    expect(Math.abs(unknown - foreign)).toBeLessThan(Math.max(2, unknown));
  });

  it("two different ones conflict, the same one twice is one", async () => {
    await says({ headers: [bearer(KEYS.alpine), bearer(KEYS.bravo)] }, { status: 400, code: "conflicting_credentials" });
    await says({ headers: [bearer(KEYS.alpine), `x-api-key: ${KEYS.bravo}`] }, { status: 400, code: "conflicting_credentials" });
    for (const second of [bearer(KEYS.alpine), `x-api-key: ${KEYS.alpine}`])
      expect((await ask({ headers: [bearer(KEYS.alpine), second] })).status).toBe(200);
    expect((await ask({ headers: [`x-api-key: ${KEYS.alpine}`] })).status).toBe(200);
  });

  it("a key that may use one model sees no other", async () => {
    const listed = JSON.parse((await ask({ headers: [bearer(KEYS.narrow)] })).body).data.map(({ id }: { id: string }) => id);
    expect(listed).toEqual([MODELS.alpine.triton]);
    expect((await ask(chat({ key: KEYS.narrow, model: MODELS.alpine.triton }))).status).toBe(200);
    const [hidden, absent] = await Promise.all([MODEL, "alpine/chap"].map((model) => ask(chat({ key: KEYS.narrow, model }))));
    expect([hidden?.status, errorOf(hidden ?? { body: "" })?.["code"]]).toEqual([404, "model_not_found"]);
    expect(hidden?.body.replace(MODEL, "")).toBe(absent?.body.replace("alpine/chap", ""));
  });
});

function shapeOf({ bytes }: RawAnswer, key: string): string {
  return bytes
    .replace(/[0-9a-f]{32}/g, "ID")
    .replace(/^date:.*$/im, "")
    .replaceAll(key.slice(-4), "TAIL")
    .replace(/content-length: \d+/, "");
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

describe("an idempotency key", () => {
  const keyed = (key: string, say = "hi"): Promise<RawAnswer> => ask(chat({ say, headers: [`idempotency-key: ${key}`] }));
  const sent = (): number => stand.engines.vllm.seen.filter(({ path }) => path === "/v1/chat/completions").length;

  it("runs once; the second learns whose answer it missed", async () => {
    const first = await keyed("k-1");
    const before = sent();
    const second = await keyed("k-1");
    expect([first.status, second.status, errorOf(second)?.["code"], sent()]).toEqual([200, 409, "idempotency_completed", before]);
    expect(errorOf(second)?.["original_request_id"]).toBe(first.headers["x-request-id"]);
    expect(second.headers["x-should-retry"]).toBe("false");
  });

  it("with another body is refused", async () => {
    expect((await keyed("k-2")).status).toBe(200);
    const other = await keyed("k-2", "something else");
    expect([other.status, errorOf(other)?.["code"]]).toEqual([400, "idempotency_key_reused"]);
  });

  it("at the same time runs once", async () => {
    const before = sent();
    const all = await Promise.all(Array.from({ length: 8 }, () => keyed("k-3", "[[tokens:40]]")));
    expect(all.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, ...Array.from({ length: 7 }, () => 409)]);
    expect(sent()).toBe(before + 1);
  });

  it("of a request that failed may be used again", async () => {
    stand.engines.vllm.faults.set({ status: 500 });
    expect((await keyed("k-4")).status).toBe(502);
    stand.engines.vllm.faults.clear();
    await until("the engine is asked again", async () => (await keyed("k-4")).status === 200, 4_000);
  });

  it.each([
    ["empty", ""],
    ["long", "k".repeat(BOUNDS.idempotencyKeyBytesMax + 1)],
    ["with a space", "a b"],
    ["beyond ASCII", "\u00fc"],
  ])("%s is refused", async (_, key) => {
    const answer = await keyed(key);
    expect([answer.status, errorOf(answer)?.["code"]]).toEqual([400, "idempotency_key_invalid"]);
  });

  it("of another tenant is another key", async () => {
    expect((await keyed("k-5")).status).toBe(200);
    const other = await ask({
      ...chat({ key: KEYS.bravo, model: MODELS.bravo.vllm, headers: ["idempotency-key: k-5"] }),
      host: HOSTS.bravo,
    });
    expect(other.status).toBe(200);
  });
});

describe("limits and law", () => {
  it("refuse without opening a hold", async () => {
    expect((await ask(chat({ key: KEYS.once }))).status).toBe(200);
    const [limited, broke, lawless] = await Promise.all([KEYS.once, KEYS.broke, KEYS.lawless].map((key) => ask(chat({ key }))));
    expect([limited?.status, errorOf(limited ?? { body: "" })]).toMatchObject([429, { type: "requests", code: "rate_limit_exceeded" }]);
    expect(Number(limited?.headers["retry-after"])).toBeGreaterThan(0);
    expect([broke?.status, broke?.headers["x-should-retry"], broke?.headers["retry-after"]]).toEqual([429, "false", undefined]);
    expect(errorOf(broke ?? { body: "" })).toMatchObject({ type: "insufficient_quota", code: "insufficient_quota" });
    expect([lawless?.status, errorOf(lawless ?? { body: "" })?.["code"]]).toMatchObject([403, expect.stringMatching(/^SOV_/)]);
    expect(stand.holdsOpen()).toBe(0);
  });

  it("a requirement that cannot be read denies", async () => {
    for (const value of ["class=", "countries", "\u0001", `class=${"x".repeat(2_000)}`, "class=cosmic"]) {
      const answer = await ask(chat({ headers: [`sovereignty-require: ${value}`] }));
      expect(answer.status).toBe(400);
    }
  });
});

describe("callers that leave", () => {
  it("before the answer and in the middle of it leave no hold and no running engine", async () => {
    const body = JSON.stringify({
      model: MODEL,
      stream: true,
      max_tokens: 5_000,
      messages: [{ role: "user", content: "[[tokens:5000]]" }],
    });
    const callers = Array.from({ length: 10 }, () => {
      const socket = connect(stand.ports.hosts, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(request({ headers: [bearer(KEYS.alpine), JSON_TYPE], body }));
      return socket;
    });
    await until("all run", () => stand.holdsOpen() === 10);
    for (const socket of callers) socket.resetAndDestroy();
    expect(await until("all are settled", () => stand.holdsOpen() === 0)).toBeLessThan(1_000);
    await until("the engine is free", () => stand.engines.vllm.engine.running === 0, 1_000);
  });

  it("a connection serves one request after another, whatever became of the first", async () => {
    const again = request({ method: "GET", path: "/v1/models", headers: [bearer(KEYS.alpine)] });
    const first = Buffer.from(
      request({ headers: [bearer(KEYS.alpine), JSON_TYPE], body: "{" })
        .toString()
        .replace("connection: close", "connection: keep-alive"),
    );
    const answer = await raw({ port: stand.ports.hosts, pieces: [Buffer.concat([first, again])] });
    expect(answer.bytes.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 400", "HTTP/1.1 200"]);
  });
});

it("after a minute's worth of wrong keys an address is told to wait; a right key still works", async () => {
  const tries = await Promise.all(Array.from({ length: BOUNDS.failedKeysPerMinuteMax + 1 }, () => status("127.0.1.9", "sk-guess")));
  expect(tries.filter((code) => code === 401)).toHaveLength(BOUNDS.failedKeysPerMinuteMax);
  const answer = await ask({ headers: [bearer("sk-guess")] }, "127.0.1.9");
  expect({ status: answer.status, ...errorOf(answer) }).toMatchObject({ status: 429, code: "too_many_failed_attempts" });
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  expect(await status("127.0.1.9", KEYS.alpine)).toBe(200);
  expect(await status("127.0.1.10", "sk-guess")).toBe(401);
});

function status(from: string, key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      port: stand.ports.hosts,
      host: "127.0.0.1",
      localAddress: from,
      path: "/v1/models",
      headers: { host: HOSTS.alpine, authorization: `Bearer ${key}` },
      agent: false as const,
    };
    httpRequest(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}
