/** Every byte of every answer that a tenant can get, successes and failures of both engines, searched for what its reseller does not show. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Knobs } from "../../src/simulator/faults.ts";
import { HOSTS, KEYS, MODELS, SERVED } from "./support/estate.ts";
import { bearer, raw, type RawAnswer, type RawRequest, request } from "./support/raw.ts";
import { type Stand, startStand } from "./support/stand.ts";

type Reseller = keyof typeof MODELS;
const RESELLERS = ["alpine", "bravo"] as const satisfies readonly Reseller[];
const OTHER = { alpine: "bravo", bravo: "alpine" } as const satisfies Record<Reseller, Reseller>;
/** Usage of today is asked for, so that there is some. */
const RECENT_S = Math.floor(Date.now() / 1000) - 3_600;
const JSON_TYPE = "content-type: application/json";

/** Of the product, its parts and the engines; of the fleet; of this machine. Never in an answer. */
const FORBIDDEN: readonly RegExp[] = [
  /bailiwick/i,
  /vllm|triton|uvicorn|fastapi|pydantic|starlette|sglang|tensorrt/i,
  /hono\b|undici|express\b|node\.?js|better-sqlite|sqlite/i,
  /obscura|rack-|inner-|RULE-INSIDE|RULE-PLATFORM/,
  new RegExp(Object.values(SERVED).join("|")),
  /EngineCore|Traceback|stack trace|\.(ts|py|mjs|cpp):\d+|node_modules|\/src\/|\/tmp\//,
  /127\.0\.0\.1|localhost|ECONN|EPIPE|\bsocket\b/,
  /^(server|x-powered-by|via|nv-\S+|triton\S*):/im,
  /<html|nginx/i,
];

let stand: Stand;
beforeAll(async () => void (stand = await startStand({ patience: { headersReadMsMax: 400, bodyReadMsMax: 600 } })));
afterAll(() => stand.stop());

function leaks({ bytes }: RawAnswer, reseller: Reseller): readonly string[] {
  const other = new RegExp(`${OTHER[reseller]}|msp-|tenant-[bl]`, "i");
  // The caller's own words may come back to it; the tests send none of the forbidden ones.
  return [...FORBIDDEN, other].flatMap((pattern) => {
    const found = pattern.exec(bytes);
    return found === null ? [] : [`${String(pattern)}: …${bytes.slice(Math.max(0, found.index - 60), found.index + 80)}…`];
  });
}

function ask(reseller: Reseller, sent: RawRequest): Promise<RawAnswer> {
  const headers = [bearer(KEYS[reseller]), JSON_TYPE, ...(sent.headers ?? [])];
  return raw({ port: stand.ports.hosts, pieces: [request({ host: HOSTS[reseller], ...sent, headers })] });
}

const get = (path: string): RawRequest => ({ method: "GET", path });
const post = (path: string, value: unknown): RawRequest => ({ method: "POST", path, body: JSON.stringify(value) });
const user = (content: string): readonly unknown[] => [{ role: "user", content }];
const TOOL = {
  type: "function",
  function: { name: "look_up", parameters: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } },
};

/** Requests that should succeed, by what they are, and those that an engine or the gateway refuses. */
function requests(reseller: Reseller): readonly (readonly [name: string, sent: RawRequest])[] {
  const { vllm, triton, embedding } = MODELS[reseller];
  const both = [vllm, triton].flatMap((model): (readonly [string, RawRequest])[] => [
    [`chat ${model}`, post("/v1/chat/completions", { model, messages: user("hi"), max_tokens: 8 })],
    [
      `chat stream ${model}`,
      post("/v1/chat/completions", { model, messages: user("hi"), max_tokens: 8, stream: true, stream_options: { include_usage: true } }),
    ],
    [`completion ${model}`, post("/v1/completions", { model, prompt: "hi", max_tokens: 8 })],
    [`completion stream ${model}`, post("/v1/completions", { model, prompt: "hi", max_tokens: 8, stream: true })],
    [`too long ${model}`, post("/v1/chat/completions", { model, messages: user("word ".repeat(40_000)), max_tokens: 8 })],
    [`too long stream ${model}`, post("/v1/chat/completions", { model, messages: user("word ".repeat(40_000)), stream: true })],
    [`max_tokens ${model}`, post("/v1/chat/completions", { model, messages: user("hi"), max_tokens: 100_000 })],
    [`temperature ${model}`, post("/v1/chat/completions", { model, messages: user("hi"), temperature: 99 })],
    [`bad role ${model}`, post("/v1/chat/completions", { model, messages: [{ role: "king", content: 7 }] })],
    [`bad messages ${model}`, post("/v1/chat/completions", { model, messages: [7] })],
    [`bad top_k ${model}`, post("/v1/chat/completions", { model, messages: user("hi"), top_k: "x" })],
    [`bad stop ${model}`, post("/v1/chat/completions", { model, messages: user("hi"), stop: [7] })],
    [`bad format ${model}`, post("/v1/chat/completions", { model, messages: user("hi"), response_format: { type: "verse" } })],
    [
      `bad schema ${model}`,
      post("/v1/chat/completions", {
        model,
        messages: user("hi"),
        response_format: { type: "json_schema", json_schema: { name: "s", schema: { type: "colour" } } },
      }),
    ],
    [`tools ${model}`, post("/v1/chat/completions", { model, messages: user("hi"), tools: [TOOL] })],
    [
      `tools stream ${model}`,
      post("/v1/chat/completions", { model, messages: user("hi"), tools: [TOOL], tool_choice: "required", stream: true }),
    ],
    [
      `unknown tool ${model}`,
      post("/v1/chat/completions", {
        model,
        messages: user("hi"),
        tools: [TOOL],
        tool_choice: { type: "function", function: { name: "other" } },
      }),
    ],
    [`logprobs ${model}`, post("/v1/chat/completions", { model, messages: user("hi"), max_tokens: 4, logprobs: true, top_logprobs: 2 })],
    [`n ${model}`, post("/v1/chat/completions", { model, messages: user("hi"), max_tokens: 4, n: 2 })],
    [`embedding of ${model}`, post("/v1/embeddings", { model, input: "hi" })],
    [`tokenize ${model}`, post("/v1/tokenize", { model, prompt: "hi" })],
    [`tokenize messages ${model}`, post("/tokenize", { model, messages: user("hi") })],
    [`model ${model}`, get(`/v1/models/${model}`)],
    [
      `no lawful place ${model}`,
      { ...post("/v1/chat/completions", { model, messages: user("hi") }), headers: ["sovereignty-require: country=(FR)"] },
    ],
    [
      `bad requirement ${model}`,
      { ...post("/v1/chat/completions", { model, messages: user("hi") }), headers: ["sovereignty-require: place=here"] },
    ],
  ]);
  return [...both, ...common(embedding)];
}

function common(embedding: string): readonly (readonly [name: string, sent: RawRequest])[] {
  return [
    ["embedding", post("/v1/embeddings", { model: embedding, input: ["hi", "ho"] })],
    ["embedding base64", post("/v1/embeddings", { model: embedding, input: [[1, 2], [3]], encoding_format: "base64" })],
    ["embedding dimensions", post("/v1/embeddings", { model: embedding, input: "hi", dimensions: 7 })],
    ["embedding too long", post("/v1/embeddings", { model: embedding, input: "word ".repeat(10_000) })],
    ["embedding empty", post("/v1/embeddings", { model: embedding, input: [""] })],
    ["models", get("/v1/models")],
    ["models for another client", { ...get("/v1/models"), headers: ["anthropic-version: 2023-06-01"] }],
    ["no such model", get("/v1/models/nothing")],
    ["unknown model", post("/v1/chat/completions", { model: "nothing", messages: user("hi") })],
    ["usage", get(`/v1/organization/usage/completions?start_time=${RECENT_S}&group_by=model&group_by=project_id`)],
    ["costs", get(`/v1/organization/costs?start_time=${RECENT_S}&group_by=line_item`)],
    ["bad usage", get("/v1/organization/usage/completions?start_time=x")],
    ["unknown path", get("/v1/unknown")],
    ["root", get("/")],
    ["health", get("/healthz")],
    ["readiness", get("/readyz")],
    ["metrics", get("/metrics")],
    ["administration", get("/admin/tenants")],
    ["wrong method", get("/v1/chat/completions")],
    ["options", { method: "OPTIONS", path: "/v1/chat/completions" }],
    ["head", { method: "HEAD", path: "/v1/models" }],
    ["no JSON", { path: "/v1/chat/completions", body: "{" }],
    ["two keys", { ...get("/v1/models"), headers: ["x-api-key: other"] }],
    ["no host", { ...get("/v1/models"), host: "other.test" }],
    ["bad target", { method: "GET", path: "*" }],
    ["too many headers", { ...get("/v1/models"), headers: Array.from({ length: 150 }, (_, at) => `x-${at}: 1`) }],
    ["huge header", { ...get("/v1/models"), headers: [`x-a: ${"a".repeat(60_000)}`] }],
    ["no HTTP", { method: "BREW", path: "/" }],
    ["two lengths", { path: "/v1/chat/completions", headers: ["content-length: 1", "content-length: 2"], body: "{}" }],
    ["no body comes", { path: "/v1/chat/completions", headers: ["content-length: 10"] }],
  ];
}

/** What engines do wrong; a body with the fault's own words would show. */
const FAULTS: readonly (readonly [string, Knobs])[] = [
  ["401", { status: 401 }],
  ["429", { status: 429, retryAfterS: 1 }],
  ["500", { status: 500 }],
  ["503", { status: 503 }],
  ["html 502", { html: 502 }],
  ["html 200", { html: 200 }],
  ["html 404", { html: 404 }],
  ["draining", { draining: true }],
  ["error first", { errorAfterTokens: 0 }],
  ["error later", { errorAfterTokens: 3 }],
  ["cut", { cutAfterTokens: 3 }],
  ["reset first", { resetAfterTokens: 0 }],
  ["reset later", { resetAfterTokens: 3 }],
  ["other model", { modelName: "weights-of-vee-lora-7" }],
  ["gzip", { gzip: true }],
  ["no UTF-8", { invalidUtf8: true }],
  ["usage every frame", { usageInEveryFrame: true }],
  ["usage absurd", { usage: "absurd" }],
];

describe.each(RESELLERS)("what %s shows its tenants", (reseller) => {
  it.each(requests(reseller))("%s", async (_, sent) => {
    const answer = await ask(reseller, sent);
    stand.heal();
    expect(answer.status).toBeGreaterThan(0);
    expect(leaks(answer, reseller)).toEqual([]);
  });

  it.each(FAULTS)("when engines fail: %s", async (_, knobs) => {
    const { vllm, triton, embedding } = MODELS[reseller];
    const sent = [
      ...[vllm, triton].flatMap((model) =>
        [true, false].map((stream) => post("/v1/chat/completions", { model, messages: user("hi"), max_tokens: 8, stream })),
      ),
      post("/v1/completions", { model: vllm, prompt: "hi", stream: true, max_tokens: 8 }),
      post("/v1/embeddings", { model: embedding, input: "hi" }),
    ];
    const engines = [stand.engines.vllm, stand.engines.triton, stand.engines.embedding];
    for (const engine of engines) engine.faults.set(knobs);
    const before = asked();
    const answers = await Promise.all(sent.map((one) => ask(reseller, one)));
    expect(asked() - before).toBeGreaterThanOrEqual(sent.length); // else a breaker has answered, and nothing was searched
    stand.heal();
    expect(answers.flatMap((answer) => leaks(answer, reseller))).toEqual([]);
    expect(stand.holdsOpen()).toBe(0);
  });

  it("when no engine is there", async () => {
    for (const engine of [stand.engines.vllm, stand.engines.triton]) engine.faults.set({ refuse: true });
    const answers = await Promise.all(
      [MODELS[reseller].vllm, MODELS[reseller].triton].map((model) =>
        ask(reseller, post("/v1/chat/completions", { model, messages: user("hi") })),
      ),
    );
    stand.heal();
    expect(answers.map(({ status }) => status)).toEqual([502, 502]);
    expect(answers.flatMap((answer) => leaks(answer, reseller))).toEqual([]);
  });
});

function asked(): number {
  const { vllm, triton, embedding } = stand.engines;
  const inference = /completions|embeddings|generate/;
  return [vllm, triton, embedding].reduce((sum, { seen }) => sum + seen.filter(({ path }) => inference.test(path)).length, 0);
}

it.each(RESELLERS)("usage and costs of %s name models as it sells them", async (reseller) => {
  for (const query of [`usage/completions?start_time=${RECENT_S}&group_by=model`, `costs?start_time=${RECENT_S}&group_by=line_item`]) {
    const { body } = await ask(reseller, get(`/v1/organization/${query}`));
    expect(body).toContain(`"${MODELS[reseller].vllm}"`);
  }
});

it.each(RESELLERS)("%s says where its people get help, and only where a person can", async (reseller) => {
  const help = `Help: https://${HOSTS[reseller]}/help"`;
  const model = MODELS[reseller].vllm;
  const unknown = await raw({
    port: stand.ports.hosts,
    pieces: [request({ host: HOSTS[reseller], headers: [bearer("sk-nobody")], ...get("/v1/models") })],
  });
  const lawless = { ...post("/v1/chat/completions", { model, messages: user("hi") }), headers: ["sovereignty-require: country=(FR)"] };
  expect([unknown.status, unknown.body]).toEqual([401, expect.stringContaining(help)]);
  expect(await ask(reseller, lawless)).toMatchObject({ status: 403, body: expect.stringContaining(help) });
  expect((await ask(reseller, post("/v1/chat/completions", { model }))).body).not.toContain("Help:");
});

it("the search finds what is planted", () => {
  const planted = (bytes: string): readonly string[] => leaks({ bytes, status: 200, headers: {}, body: "", tookMs: 0 }, "alpine");
  for (const text of ["server: uvicorn", "x: vLLM", "weights-of-vee", "bravo.test", "rack-tee", "at x (/tmp/a.ts:1)"])
    expect(planted(text)).not.toEqual([]);
  expect(planted("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{}")).toEqual([]);
});
