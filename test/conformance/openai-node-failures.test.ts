/** OpenAI's own Node client, unmodified, when something fails: its error classes, its retries, its headers, and callers that leave. */
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { KEYS, MODELS } from "../edge/support/estate.ts";
import { settlements } from "../edge/support/settlements.ts";
import { type Stand, startStand } from "../edge/support/stand.ts";
import { until } from "../edge/support/until.ts";
import { clientOf, type ClientOptions, drained, refusal, user } from "./openai-client.ts";

const { vllm: CHAT } = MODELS.alpine;

let stand: Stand;
const client = (options?: ClientOptions): OpenAI => clientOf(stand, options);
beforeAll(async () => void (stand = await startStand()));
afterEach(() => stand.heal());
afterAll(() => stand.stop());

/** Inference requests that the engine has got so far. */
function asked(): number {
  return stand.engines.vllm.seen.filter(({ path }) => path.includes("completions")).length;
}

async function lastSettled(): Promise<ReturnType<typeof settlements>[number] | undefined> {
  await until("nothing runs", () => stand.holdsOpen() === 0);
  // Asking for usage folds what the journal has.
  await client().get("/organization/costs?start_time=1790000000");
  return settlements(stand.dataDir).at(-1);
}

describe("errors are the client's own classes", () => {
  const chat = (options: ClientOptions, more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}): Promise<unknown> =>
    client(options).chat.completions.create({ model: CHAT, messages: user("hi"), max_completion_tokens: 4, ...more });

  it.each<readonly [string, new (...args: never[]) => Error, () => Promise<unknown>, Readonly<Record<string, unknown>>]>([
    [
      "400",
      OpenAI.BadRequestError,
      () => chat({}, { max_completion_tokens: -1 }),
      { status: 400, code: "integer_below_min_value", param: "max_completion_tokens", type: "invalid_request_error" },
    ],
    [
      "400 too long",
      OpenAI.BadRequestError,
      () => chat({}, { messages: user("word ".repeat(40_000)) }),
      { status: 400, code: "context_length_exceeded", param: "messages" },
    ],
    [
      "401",
      OpenAI.AuthenticationError,
      () => chat({ apiKey: "sk-wrong" }),
      { status: 401, code: "invalid_api_key", param: null, type: "invalid_request_error" },
    ],
    ["403", OpenAI.PermissionDeniedError, () => chat({ apiKey: KEYS.lawless }), { status: 403, type: "permission_error" }],
    ["404", OpenAI.NotFoundError, () => chat({}, { model: "gpt-4" }), { status: 404, code: "model_not_found", param: "model" }],
    ["404 model", OpenAI.NotFoundError, () => client().models.retrieve("gpt-4"), { status: 404, code: "model_not_found", param: "model" }],
    ["404 route", OpenAI.NotFoundError, () => client().files.list(), { status: 404, code: null }],
    [
      "429 quota",
      OpenAI.RateLimitError,
      () => chat({ apiKey: KEYS.broke }),
      { status: 429, code: "insufficient_quota", type: "insufficient_quota" },
    ],
  ])("%s", async (_, kind, call, expected) => {
    const error = await refusal(call());
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject(expected);
    expect(error.requestID).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([401, 429, 500, 503] as const)("an engine's %d is ours", async (status) => {
    stand.engines.vllm.faults.set({ status });
    const error = await refusal(chat({}));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect([error.status, error.type]).toEqual([status === 429 || status === 503 ? 503 : 502, "server_error"]);
  });

  it("an error within a stream is thrown, and never taken for its end", async () => {
    stand.engines.vllm.faults.set({ errorAfterTokens: 3 });
    const stream = await client().chat.completions.create({ model: CHAT, messages: user("[[tokens:9]]"), stream: true });
    let text = "";
    const error = await refusal(drained(stream, (chunk) => (text += chunk.choices[0]?.delta.content ?? "")));
    expect(text).not.toBe("");
    expect([error.status, error.code, error.type]).toEqual([undefined, "engine_failed", "server_error"]);
  });

  it("a stream that the engine cuts is no success", async () => {
    stand.engines.vllm.faults.set({ cutAfterTokens: 3 });
    const stream = await client().chat.completions.create({ model: CHAT, messages: user("[[tokens:9]]"), stream: true });
    await expect(drained(stream)).rejects.toThrow();
  });

  it("an unreachable gateway is a connection error", async () => {
    await expect(chat({ baseURL: "http://127.0.0.1:9/v1" })).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
  });
});

describe("retries", () => {
  const chat = (options: ClientOptions): Promise<unknown> =>
    client({ maxRetries: 2, ...options }).chat.completions.create({ model: CHAT, messages: user("hi"), max_completion_tokens: 4 });

  it("503 is tried again, when it says, until it works", async () => {
    stand.engines.vllm.faults.set({ status: 503, retryAfterS: 1, forMs: 500 });
    const [before, startedMs] = [asked(), performance.now()];
    await chat({});
    expect(asked() - before).toBe(2);
    expect(performance.now() - startedMs).toBeGreaterThan(950);
  });

  it("429 of a limit says when to come back; the client obeys up to its own bound", async () => {
    await chat({ apiKey: KEYS.once });
    const error = await refusal(chat({ apiKey: KEYS.once, maxRetries: 0 }));
    expect(error.code).toBe("rate_limit_exceeded");
    expect(error.headers?.get("x-should-retry")).toBe("true");
    expect(Number(error.headers?.get("retry-after-ms"))).toBeGreaterThan(1_000);
    expect(Number(error.headers?.get("retry-after"))).toBeLessThanOrEqual(61);
    expect(error.headers?.get("x-ratelimit-remaining-requests")).toBe("0");
  });

  it("429 of a budget is not tried again", async () => {
    const sent: string[] = [];
    const counting: typeof fetch = (url, init) => {
      sent.push(String(url));
      return fetch(url, init);
    };
    const error = await refusal(chat({ apiKey: KEYS.broke, fetch: counting }));
    expect([error.code, error.headers?.get("x-should-retry"), sent.length]).toEqual(["insufficient_quota", "false", 1]);
  });
});

it("the raw response has the headers that clients read", async () => {
  const { request_id, response } = await client()
    .chat.completions.create({ model: CHAT, messages: user("hi"), max_completion_tokens: 4 })
    .withResponse();
  expect(response.headers.get("x-request-id")).toBe(request_id);
  expect(response.headers.get("request-id")).toBe(request_id);
  expect(response.headers.get("openai-version")).toBe("2020-10-01");
  expect(response.headers.get("openai-processing-ms")).toMatch(/^\d+$/);
  for (const kind of ["requests", "tokens"]) {
    const [limit, remaining] = ["limit", "remaining"].map((what) => Number(response.headers.get(`x-ratelimit-${what}-${kind}`)));
    expect(remaining).toBeLessThan(limit ?? 0);
    expect(response.headers.get(`x-ratelimit-reset-${kind}`)).toMatch(/^(\d+h)?(\d+m)?(\d+(\.\d+)?(s|ms))?$/);
  }
  const streamed = await client()
    .chat.completions.create({ model: CHAT, messages: user("hi"), max_completion_tokens: 4, stream: true })
    .asResponse();
  expect(streamed.headers.get("content-type")).toMatch(/^text\/event-stream/);
  expect([streamed.headers.get("cache-control"), streamed.headers.get("content-length"), streamed.headers.get("content-encoding")]).toEqual(
    ["no-cache", null, null],
  );
  expect(streamed.headers.get("x-request-id")).toMatch(/^[0-9a-f]{32}$/);
  expect(await streamed.text()).toMatch(/data: \[DONE\]\n\n$/);
});

describe("a caller that leaves", () => {
  it("in the middle of a stream frees the engine and pays for what it got", async () => {
    const stream = await client().chat.completions.create({ model: CHAT, messages: user("[[tokens:3000]]"), stream: true });
    let chunks = 0;
    for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? "") !== "" && ++chunks === 10) break;
    expect(await until("the engine is free", () => stand.engines.vllm.engine.running === 0)).toBeLessThan(250);
    const row = await lastSettled();
    expect(row).toMatchObject({ outcome: "abandoned", usage_source: "estimated" }); // the engine never said how long the prompt was
    expect(row?.completion_tokens).toBeGreaterThanOrEqual(10);
    expect(row?.completion_tokens).toBeLessThan(300);
    expect(row?.amount).toBe(Math.round((row?.prompt_tokens ?? 0) * 1 + (row?.completion_tokens ?? 0) * 2));
  });

  it("by its timeout frees the engine, too", async () => {
    stand.engines.vllm.faults.set({ stallFirstByteMs: 5_000 });
    const call = client({ timeout: 200 }).chat.completions.create({ model: CHAT, messages: user("hi") });
    await expect(call).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    expect(await until("the hold is closed", () => stand.holdsOpen() === 0)).toBeLessThan(250);
    await until("the engine is free", () => stand.engines.vllm.engine.running === 0, 250);
    expect(await lastSettled()).toMatchObject({ outcome: "abandoned", amount: 0 });
  });
});

it("what was charged is what the client was told", async () => {
  const { usage } = await client().chat.completions.create({
    model: CHAT,
    messages: user("[[tokens:17]] and more"),
    max_completion_tokens: 40,
  });
  expect(await lastSettled()).toMatchObject({
    outcome: "served",
    usage_source: "backend",
    prompt_tokens: usage?.prompt_tokens,
    completion_tokens: usage?.completion_tokens,
  });
});
