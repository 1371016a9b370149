/** A real vLLM behind the gateway: whatever it is asked, the answer is the one that it gives when asked directly, and the ledger has its count. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONTEXT_TOKENS_MAX, KEYS, MODELS } from "./support/estate.ts";
import { type Answer, framesOf, Lane } from "./support/lane.ts";
import { missing, urlOf } from "./support/running.ts";
import { askBoth, expectSameBody, expectSameStream, type Route, saidIn } from "./support/sameness.ts";

const ENGINE = urlOf("vllm-chat");
const served = { model: MODELS.chat, servedName: "tiny-llama" };
const CHAT: Route = { path: "/v1/chat/completions", engineUrl: `${ENGINE}/v1/chat/completions`, ...served };
const COMPLETIONS: Route = { path: "/v1/completions", engineUrl: `${ENGINE}/v1/completions`, ...served };
const TOKENIZE: Route = { path: "/tokenize", engineUrl: `${ENGINE}/tokenize`, ...served };
const embedding = { model: MODELS.vectors, servedName: "tiny-embed" };
const EMBEDDINGS: Route = { path: "/v1/embeddings", engineUrl: `${urlOf("vllm-embed")}/v1/embeddings`, ...embedding };

const messages = [{ role: "user", content: "hello world" }];
const greedy = { temperature: 0, max_tokens: 12, ignore_eos: true };
const seeded = { temperature: 1, seed: 7, max_tokens: 12 };
const parameters = {
  type: "object",
  properties: { city: { enum: ["Bonn", "Ulm"] }, days: { type: "integer", minimum: 0, maximum: 9 } },
  required: ["city", "days"],
  additionalProperties: false,
};
const tools = [{ type: "function", function: { name: "get_weather", description: "The weather", parameters, strict: true } }];
const named = { type: "function", function: { name: "get_weather" } };
const schema = { type: "json_schema", json_schema: { name: "place", strict: true, schema: parameters } };

let lane: Lane;
beforeAll(async () => {
  if (missing === undefined) lane = await Lane.start();
}, 60_000);
afterAll(() => lane?.stop(), 60_000);

/** What is asked of chat; each in one piece and streamed. */
const CHATS: readonly (readonly [string, object])[] = [
  ["plain", greedy],
  ["with a seed", seeded],
  ["n = 3", { ...seeded, n: 3 }],
  ["log probabilities", { ...greedy, logprobs: true, top_logprobs: 3 }],
  ["a stop string", { ...greedy, max_tokens: 60, stop: [" i", "o"] }],
  ["a stop string that is kept", { ...greedy, max_tokens: 60, stop: ["o"], include_stop_str_in_output: true }],
  ["max_completion_tokens", { temperature: 0, max_completion_tokens: 3 }],
  ["penalties", { ...greedy, presence_penalty: 1.5, frequency_penalty: -0.5, repetition_penalty: 1.2, top_k: 5, min_p: 0.1 }],
  ["a bias", { ...greedy, logit_bias: { "300": 100 } }],
  ["at least so many tokens", { ...greedy, min_tokens: 12, ignore_eos: true }],
  ["a JSON object", { temperature: 0, max_tokens: 60, response_format: { type: "json_object" } }],
  ["a JSON schema", { temperature: 0, max_tokens: 120, response_format: schema }],
  ["tools, named", { temperature: 0, max_tokens: 120, tools, tool_choice: named }],
  ["tools, required", { temperature: 0, max_tokens: 200, tools, tool_choice: "required" }],
  ["tools, auto", { ...greedy, tools, tool_choice: "auto" }],
  ["tools, none", { ...greedy, tools, tool_choice: "none" }],
  ["a developer's word", { ...greedy, messages: [{ role: "developer", content: "Be brief." }, ...messages] }],
  ["parts of text", { ...greedy, messages: [{ role: "user", content: [{ type: "text", text: "Grüße, 世界 🚀" }] }] }],
  [
    "a tool's answer",
    {
      ...greedy,
      tools,
      messages: [
        ...messages,
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "call-1", type: "function", function: { name: "get_weather", arguments: '{"city":"Bonn","days":1}' } }],
        },
        { role: "tool", tool_call_id: "call-1", content: "rain" },
      ],
    },
  ],
];

/** What the ledger has of an answer with this usage: a micro-unit for a token of the prompt, half of one where it was cached, two for a token of the answer. */
async function expectBilled(answer: Answer, usage: Usage): Promise<void> {
  const { prompt_tokens, completion_tokens = 0, prompt_tokens_details } = usage;
  const cached = prompt_tokens_details?.cached_tokens ?? 0;
  const row = await lane.settled(answer.headers.get("x-request-id"));
  expect(row).toMatchObject({ usage_source: "backend", outcome: "served", prompt_tokens, completion_tokens });
  expect(Math.abs(row.amount - (prompt_tokens - cached / 2 + 2 * completion_tokens))).toBeLessThanOrEqual(0.5);
}

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens?: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null } | null;
}

function usageOf(answer: Answer): Usage {
  return framesOf(answer).findLast(({ usage }) => (usage ?? null) !== null)?.usage;
}

describe.skipIf(missing !== undefined)("chat", () => {
  it.each(CHATS)("%s", async (_, more) => {
    const pair = await askBoth(lane, CHAT, { messages, ...more });
    expectSameBody(pair, CHAT);
    await expectBilled(pair.through, pair.through.json.usage);
  });

  it.each(CHATS)("%s, streamed", async (_, more) => {
    const pair = await askBoth(lane, CHAT, { messages, stream: true, stream_options: { include_usage: true }, ...more });
    expectSameStream(pair, CHAT);
    await expectBilled(pair.through, usageOf(pair.through));
  });

  it("a stop string ends it, and a bound cuts it", async () => {
    const counting = [{ role: "user", content: "Count from 1 to 2000 in words, one number per line." }];
    const long = { model: CHAT.model, messages: counting, temperature: 0, max_tokens: 60 };
    const free = await lane.ask(CHAT.path, long);
    const text: string = free.json.choices[0].message.content;
    const stop = /[a-z]{2,}/.exec(text.slice(4))?.[0] ?? "";
    const stopped = await lane.ask(CHAT.path, { ...long, stop: [stop] });
    expect(stopped.json.choices[0].message.content).toBe(text.slice(0, text.indexOf(stop)));
    expect([stopped.json.choices[0].finish_reason, free.json.choices[0].finish_reason]).toEqual(["stop", "length"]);
  });

  it("a tool is called by itself, and its answer is spoken of", async () => {
    const weather = [
      {
        type: "function",
        function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
      },
    ];
    const asked = { model: CHAT.model, messages: [{ role: "user", content: "weather?" }], temperature: 0, max_tokens: 100, tools: weather };
    const { json } = await lane.ask(CHAT.path, asked);
    const [{ message, finish_reason }] = json.choices;
    expect([finish_reason, message.tool_calls[0].function.name]).toEqual(["tool_calls", expect.stringMatching(/^[a-z_]+$/)]);
    expect(JSON.parse(message.tool_calls[0].function.arguments)).toEqual({ city: expect.any(String) });
    const streamed = saidIn(framesOf(await lane.ask(CHAT.path, { ...asked, stream: true })));
    expect(streamed.choices).toMatchObject([{ finish: "tool_calls", toolArguments: message.tool_calls[0].function.arguments }]);
    const turn = [...asked.messages, message, { role: "tool", tool_call_id: message.tool_calls[0].id, content: "sunny" }];
    const spoken = await lane.ask(CHAT.path, { ...asked, messages: turn });
    expect(spoken.status).toBe(200);
  });

  it("a schema is kept to", async () => {
    const asked = { model: CHAT.model, messages, temperature: 0, max_tokens: 200, response_format: schema };
    const { json } = await lane.ask(CHAT.path, asked);
    expect(JSON.parse(json.choices[0].message.content)).toEqual({ city: expect.stringMatching(/^(Bonn|Ulm)$/), days: expect.any(Number) });
  });

  it("a tool is called as it wants to be", async () => {
    const { json } = await lane.ask(CHAT.path, { model: CHAT.model, messages, temperature: 0, max_tokens: 200, tools, tool_choice: named });
    const [call] = json.choices[0].message.tool_calls;
    expect(call).toMatchObject({ type: "function", id: expect.stringMatching(/./), function: { name: "get_weather" } });
    expect(JSON.parse(call.function.arguments)).toEqual({ city: expect.stringMatching(/^(Bonn|Ulm)$/), days: expect.any(Number) });
  });

  it("usage stays out of a stream that did not ask for it, and is counted all the same", async () => {
    const through = await lane.ask(CHAT.path, { model: CHAT.model, messages, ...greedy, stream: true });
    expect(through.text).not.toMatch(/"usage":\{/);
    expect(await lane.settled(through.headers.get("x-request-id"))).toMatchObject({ usage_source: "backend", completion_tokens: 12 });
  });

  it("a prefix is cached for whoever sent it, and for nobody else", async () => {
    const content = `${performance.now()} ${"the house of words ".repeat(120)}`;
    const body = { messages: [{ role: "user", content }], ...greedy };
    const cached = ({ json }: Answer): number => json.usage.prompt_tokens_details?.cached_tokens ?? 0;
    const first = await askBoth(lane, CHAT, body);
    const second = await askBoth(lane, CHAT, body);
    expect([cached(first.direct), cached(first.through)]).toEqual([0, 0]);
    expect(cached(second.through)).toBeGreaterThanOrEqual(128);
    await expectBilled(second.through, second.through.json.usage);
  });
});

const prompt = "hello world";
const COMPLETED: readonly (readonly [string, object])[] = [
  ["plain", { prompt, ...greedy }],
  ["n = 2", { prompt, ...seeded, n: 2 }],
  ["log probabilities", { prompt, ...greedy, logprobs: 2 }],
  ["several prompts", { prompt: ["hello", "world"], ...greedy }],
  ["token ids", { prompt: [1, 2, 3, 300], ...greedy }],
  ["several lists of token ids", { prompt: [[300, 301], [302]], ...greedy }],
  ["a stop string", { prompt, ...greedy, max_tokens: 60, stop: "o" }],
  ["no bound", { prompt, temperature: 0 }],
  ["echo", { prompt, ...greedy, echo: true }],
];

describe.skipIf(missing !== undefined)("completions", () => {
  it.each(COMPLETED)("%s", async (_, body) => {
    const pair = await askBoth(lane, COMPLETIONS, body);
    expectSameBody(pair, COMPLETIONS);
    await expectBilled(pair.through, pair.through.json.usage);
  });

  it.each(COMPLETED)("%s, streamed", async (_, body) => {
    const pair = await askBoth(lane, COMPLETIONS, { stream: true, stream_options: { include_usage: true }, ...body });
    expectSameStream(pair, COMPLETIONS);
    await expectBilled(pair.through, usageOf(pair.through));
  });
});

describe.skipIf(missing !== undefined)("embeddings and tokens", () => {
  it.each<readonly [string, object]>([
    ["as floats", { input: "hello", encoding_format: "float" }],
    ["in base64", { input: ["hello", "Grüße, 世界"], encoding_format: "base64" }],
    ["by default", { input: ["hello"] }],
    ["of token ids", { input: [5, 300, 301] }],
    ["of several lists of token ids", { input: [[5, 300], [301]], encoding_format: "base64" }],
    ["cut", { input: "hello", dimensions: 32 }],
    ["of nothing", { input: "" }],
  ])("a vector %s", async (_, body) => {
    const pair = await askBoth(lane, EMBEDDINGS, body);
    expectSameBody(pair, EMBEDDINGS);
    await expectBilled(pair.through, pair.through.json.usage);
  });

  it.each<readonly [string, object]>([
    ["of a prompt", { prompt }],
    ["of messages, spelled out", { messages, return_token_strs: true }],
  ])("tokens %s", async (_, body) => {
    expectSameBody(await askBoth(lane, TOKENIZE, body), TOKENIZE);
  });
});

const documents = ["the gateway counts tokens", "a house by the sea", "tokens are counted by the gateway"];
const RANKERS = [
  ["a cross encoder", MODELS.ranks, "tiny-rerank", "vllm-rerank"],
  ["an encoder of vectors", MODELS.vectors, "tiny-embed", "vllm-embed"],
] as const;

describe.skipIf(missing !== undefined).each(RANKERS)("ranks by %s", (_, model, servedName, engine) => {
  const route = (path: string): Route => ({ path, engineUrl: urlOf(engine) + path, model, servedName });

  it.each<readonly [string, object]>([
    ["/v1/rerank", { query: "who counts tokens?", documents }],
    ["/v1/rerank", { query: "who counts tokens?", documents, top_n: 1 }],
    ["/v1/score", { text_1: "who counts tokens?", text_2: documents }],
  ])("%s %o", async (path, body) => {
    const pair = await askBoth(lane, route(path), body);
    expectSameBody(pair, route(path));
    const { prompt_tokens } = pair.through.json.usage;
    expect(await lane.settled(pair.through.headers.get("x-request-id"))).toMatchObject({ usage_source: "backend", prompt_tokens });
  });
});

describe.skipIf(missing !== undefined)("what it refuses", () => {
  const ask = (more: object, key?: string): Promise<Answer> =>
    lane.ask(CHAT.path, { model: CHAT.model, messages, ...greedy, ...more }, key);
  const wordy = (words: number): object => ({ messages: [{ role: "user", content: "word ".repeat(words) }] });

  it.each<readonly [string, object, object]>([
    ["a bad value", { temperature: -1 }, { param: "temperature" }],
    ["a value it knows no use for", { top_p: 7 }, { param: "top_p" }],
    ["too many log probabilities", { logprobs: true, top_logprobs: 500 }, {}],
    ["a schema that is none", { response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "nonsense" } } } }, {}],
    ["a tool that must be called, and none given", { tool_choice: "required" }, {}],
    ["a prompt above its context", wordy(CONTEXT_TOKENS_MAX + 1), { code: "context_length_exceeded" }],
    ["more tokens than its context", { max_tokens: CONTEXT_TOKENS_MAX + 1 }, { param: "max_tokens" }],
    ["an empty conversation", { messages: [] }, { param: "messages" }],
  ])("%s", async (_, more, expected) => {
    for (const stream of [false, true]) {
      const { status, json } = await ask({ stream, ...more });
      expect([status, json]).toEqual([400, { error: expect.objectContaining({ type: "invalid_request_error", ...expected }) }]);
      expect(JSON.stringify(json)).not.toMatch(/vllm|tiny-llama|pydantic|body\./i);
    }
  });

  it("what the engine refuses costs nothing", async () => {
    const { headers } = await ask({ logprobs: true, top_logprobs: 500 });
    expect(await lane.settled(headers.get("x-request-id"))).toMatchObject({ amount: 0, completion_tokens: 0, status: 400 });
  });

  it("a bound above the room that a prompt leaves is cut to it, as the engine does", async () => {
    const { json } = await ask({ ...wordy(CONTEXT_TOKENS_MAX - 100), max_tokens: 400 });
    expect([json.choices[0].finish_reason, json.usage.total_tokens]).toEqual(["length", CONTEXT_TOKENS_MAX]);
  });

  it("a law that leads nowhere reaches no engine, nor does a spent budget", async () => {
    expect((await ask({}, KEYS.lawless)).status).toBe(403);
    expect((await ask({}, KEYS.broke)).json.error.code).toBe("insufficient_quota");
  });

  it("what a model cannot do is not there", async () => {
    expect((await lane.ask(CHAT.path, { model: MODELS.vectors, messages })).status).toBe(404);
    expect((await lane.ask(EMBEDDINGS.path, { model: CHAT.model, input: "x" })).status).toBe(404);
  });

  it("a vector of another length than it has", async () => {
    const { status, json } = await lane.ask(EMBEDDINGS.path, { model: MODELS.vectors, input: "x", dimensions: 77 });
    expect([status, json.error.type]).toEqual([400, "invalid_request_error"]);
  });
});
