/** Vercel's AI SDK in chat mode, over the provider that the first argument names: "openai" or "openai-compatible". */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embed, embedMany, generateText, isStepCount, jsonSchema, Output, RetryError, streamText, tool } from "ai";
import {
  CHAT,
  check,
  CITY,
  during,
  freed,
  LONG,
  patient,
  refused,
  runAll,
  said,
  saying,
  target,
  VECTORS,
  whileOccupied,
} from "./checks.mjs";

const provider = process.argv[2] ?? "openai";
const { version } = JSON.parse(readFileSync(new URL("node_modules/ai/package.json", import.meta.url), "utf8"));

function models(apiKey = target.key) {
  if (provider === "openai") {
    const openai = createOpenAI({ baseURL: target.baseUrl, apiKey });
    return { chat: (model) => openai.chat(model), vectors: (model) => openai.embedding(model) };
  }
  const compatible = createOpenAICompatible({
    name: "gateway",
    baseURL: target.baseUrl,
    apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
  return { chat: (model) => compatible.chatModel(model), vectors: (model) => compatible.embeddingModel(model) };
}

/** What the provider gives without being told a mode. */
const responses = () => createOpenAI({ baseURL: target.baseUrl, apiKey: target.key })(CHAT);

const ask = ({ model = CHAT, key, ...more } = {}) =>
  generateText({ model: models(key).chat(model), prompt: "hi", maxOutputTokens: 4, maxRetries: 0, ...more });
const stream = ({ model = CHAT, key, ...more } = {}) =>
  streamText({ model: models(key).chat(model), prompt: "hi", maxOutputTokens: 4, maxRetries: 0, onError: () => undefined, ...more });

check("chat", [], async () => {
  const { text, usage, finishReason } = await ask({ prompt: saying("Guten Tag"), maxOutputTokens: 40 });
  said(text, "Guten Tag");
  assert.ok(["stop", "length"].includes(finishReason));
  assert.equal(usage.totalTokens, usage.inputTokens + usage.outputTokens);
});

check("chat-stream", [], async () => {
  const result = stream({ prompt: saying("eins zwei drei"), maxOutputTokens: 40 });
  let text = "";
  for await (const part of result.textStream) text += part;
  said(text, "eins zwei drei");
  assert.ok((await result.usage).outputTokens > 0);
});

check("length", [], async () => {
  assert.equal((await ask({ prompt: LONG, maxOutputTokens: 3 })).finishReason, "length");
});

const weather = () =>
  tool({ description: "The weather of a city", inputSchema: jsonSchema(CITY), execute: async ({ city }) => `sunny in ${city}` });

check("tools", ["tools"], async () => {
  const { toolCalls, toolResults } = await ask({
    prompt: "weather?",
    tools: { weather: weather() },
    toolChoice: "required",
    maxOutputTokens: 200,
  });
  assert.deepEqual([toolCalls[0].toolName, typeof toolCalls[0].input.city], ["weather", "string"]);
  assert.equal(toolResults.length, toolCalls.length);
});

check("tools-stream", ["tools"], async () => {
  const result = stream({ prompt: "weather?", tools: { weather: weather() }, toolChoice: "required", maxOutputTokens: 200 });
  const kinds = [];
  for await (const { type } of result.stream) kinds.push(type);
  for (const kind of ["tool-input-start", "tool-call", "tool-result"]) assert.ok(kinds.includes(kind), `no ${kind} in ${kinds.join(" ")}`);
});

check("tools-round-trip", ["tools", "directives"], async () => {
  const { text, steps } = await ask({ prompt: "weather?", tools: { weather: weather() }, stopWhen: isStepCount(4), maxOutputTokens: 200 });
  assert.ok(text.length > 0 && steps.length === 2, `${steps.length} steps: ${text}`);
});

const person = jsonSchema({
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer" } },
  required: ["name", "age"],
  additionalProperties: false,
});

check("structured", ["structured"], async () => {
  const { output } = await ask({ prompt: "Who? Answer in JSON.", output: Output.object({ schema: person }), maxOutputTokens: 400 });
  assert.deepEqual([typeof output.name, typeof output.age], ["string", "number"]);
});

check("structured-stream", ["structured"], async () => {
  const result = stream({ prompt: "Who? Answer in JSON.", output: Output.object({ schema: person }), maxOutputTokens: 400 });
  for await (const part of result.partialOutputStream) assert.equal(typeof part, "object");
  assert.equal(typeof (await result.output).name, "string");
});

check("embeddings", ["embeddings"], async () => {
  const model = models().vectors(VECTORS);
  const { embedding } = await embed({ model, value: "hello" });
  const { embeddings, usage } = await embedMany({ model, values: ["hello", "world", "again"] });
  assert.deepEqual([embeddings.length, embeddings[0].length, usage.tokens > 0], [3, embedding.length, true]);
});

if (provider === "openai") {
  const store = { providerOptions: { openai: { store: false } } };

  check("responses", ["responses"], async () => {
    const { text, usage } = await generateText({ model: responses(), prompt: saying("Guten Tag"), maxOutputTokens: 40, ...store });
    said(text, "Guten Tag");
    assert.ok(usage.outputTokens > 0);
  });

  check("responses-stream", ["responses"], async () => {
    said(await streamText({ model: responses(), prompt: saying("eins zwei"), maxOutputTokens: 40, ...store }).text, "eins zwei");
  });

  check("responses-tools", ["responses", "tools"], async () => {
    const asked = {
      model: responses(),
      prompt: "weather?",
      tools: { weather: weather() },
      toolChoice: "required",
      maxOutputTokens: 200,
      ...store,
    };
    for (const { toolName, input } of [(await generateText(asked)).toolCalls[0], (await streamText(asked).toolCalls)[0]])
      assert.deepEqual([toolName, typeof input.city], ["weather", "string"]);
  });

  check("responses-round-trip", ["responses", "tools", "directives"], async () => {
    const asked = {
      model: responses(),
      prompt: "weather?",
      tools: { weather: weather() },
      stopWhen: isStepCount(4),
      maxOutputTokens: 200,
      ...store,
    };
    const { text, steps } = await generateText(asked);
    assert.ok(text.length > 0 && steps.length === 2, `${steps.length} steps: ${text}`);
  });

  check("responses-structured", ["responses", "structured"], async () => {
    const output = Output.object({ schema: person });
    const asked = { model: responses(), prompt: "Who? Answer in JSON.", output, maxOutputTokens: 400, ...store };
    assert.equal(typeof (await generateText(asked)).output.name, "string");
  });
}

for (const [name, needs, run, status, code] of [
  ["error-400", [], () => ask({ topP: 5 }), 400],
  ["error-401", [], () => ask({ key: "sk-wrong" }), 401, "invalid_api_key"],
  ["error-403", ["lawless"], () => ask({ key: target.keys.lawless }), 403],
  ["error-404", [], () => ask({ model: "gpt-4" }), 404, "model_not_found"],
  ["error-502", ["directives"], () => ask({ prompt: "[[fail:500]]" }), 502, "engine_failed"],
])
  check(name, needs, async () => {
    const error = await refused(run);
    assert.ok(APICallError.isInstance(error), String(error));
    assert.equal(error.statusCode, status);
    const body = JSON.parse(error.responseBody);
    assert.equal(error.message, body.error.message);
    if (code !== undefined) assert.equal(body.error.code, code);
  });

/** It retries every 429 by itself: x-should-retry is not read. */
check("error-429-quota", ["broke"], async () => {
  const error = await refused(() => ask({ key: target.keys.broke }));
  assert.deepEqual([error.statusCode, JSON.parse(error.responseBody).error.code], [429, "insufficient_quota"]);
});

check("retry-503", ["directives"], async () => {
  const { result: error, seen } = await during(() => refused(() => ask({ prompt: "[[fail:503:1]]", maxRetries: 1 })));
  assert.ok(RetryError.isInstance(error), String(error));
  patient(seen, 2);
});

check("retry-after-429", ["paced"], async () => {
  const seen = await whileOccupied(() => ask({ key: target.keys.paced, maxRetries: 2 }));
  assert.deepEqual(
    seen.map(({ status }) => status),
    [429, 200],
  );
  assert.ok(seen[1].startedMs - seen[0].endedMs > 900, "it came back too early");
});

check("stream-error", ["directives"], async () => {
  const parts = [];
  for await (const part of stream({ prompt: "[[fail:error:3]][[tokens:9]]", maxOutputTokens: 9 }).stream) parts.push(part.type);
  assert.ok(parts.includes("error"), parts.join(" "));
});

check("abort", ["paced"], async () => {
  const controller = new AbortController();
  const result = stream({ key: target.keys.paced, prompt: LONG, maxOutputTokens: 3_000, abortSignal: controller.signal });
  for await (const part of result.stream) if (part.type === "text-delta") controller.abort();
  assert.ok((await freed(1_000)) < 1_000);
});

check("10-at-once", [], async () => {
  const texts = Array.from({ length: 10 }, (_, at) => `stream ${at}`);
  const answers = await Promise.all(texts.map(async (text) => stream({ prompt: saying(text), maxOutputTokens: 20 }).text));
  for (const [at, text] of texts.entries()) said(answers[at], text);
});

await runAll(`ai ${version} over @ai-sdk/${provider}`);
