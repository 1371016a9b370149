/** LangChain for JavaScript: ChatOpenAI and OpenAIEmbeddings as an application uses them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { AIMessageChunk, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { z } from "zod";
import { CHAT, check, during, freed, LONG, refused, runAll, said, saying, target, VECTORS, whileOccupied } from "./checks.mjs";

const { version } = JSON.parse(readFileSync(new URL("node_modules/@langchain/openai/package.json", import.meta.url), "utf8"));

const chat = ({ key = target.key, ...more } = {}) =>
  new ChatOpenAI({ model: CHAT, apiKey: key, configuration: { baseURL: target.baseUrl }, maxRetries: 0, maxTokens: 4, ...more });

check("chat", [], async () => {
  const answer = await chat({ maxTokens: 40 }).invoke(saying("Guten Tag"));
  said(answer.text, "Guten Tag");
  assert.ok(answer.usage_metadata.output_tokens > 0);
  assert.equal(answer.response_metadata.model_name ?? answer.response_metadata.model, CHAT);
});

check("chat-stream", [], async () => {
  let whole = new AIMessageChunk("");
  for await (const chunk of await chat({ maxTokens: 40 }).stream(saying("eins zwei drei"))) whole = whole.concat(chunk);
  said(whole.text, "eins zwei drei");
  assert.ok(whole.usage_metadata.output_tokens > 0);
});

check("batch", [], async () => {
  const answers = await chat({ maxTokens: 20 }).batch([saying("a"), saying("b"), saying("c")]);
  for (const [at, text] of ["a", "b", "c"].entries()) said(answers[at].text, text);
});

const weather = tool(async ({ city }) => `sunny in ${city}`, {
  name: "get_weather",
  description: "The weather of a city",
  schema: z.object({ city: z.string() }),
});

check("tools", ["tools"], async () => {
  const bound = chat({ maxTokens: 200 }).bindTools([weather], { tool_choice: "required" });
  const { tool_calls } = await bound.invoke("weather in Bremen?");
  assert.deepEqual([tool_calls[0].name, typeof tool_calls[0].args.city], ["get_weather", "string"]);
});

check("tools-stream", ["tools"], async () => {
  let whole = new AIMessageChunk("");
  for await (const chunk of await chat({ maxTokens: 200 }).bindTools([weather]).stream("weather?")) whole = whole.concat(chunk);
  assert.deepEqual([whole.tool_calls[0].name, typeof whole.tool_calls[0].args.city], ["get_weather", "string"]);
});

check("tools-round-trip", ["tools", "directives"], async () => {
  const bound = chat({ maxTokens: 200 }).bindTools([weather]);
  const messages = [new HumanMessage("weather?")];
  const asked = await bound.invoke(messages);
  const [call] = asked.tool_calls;
  messages.push(asked, new ToolMessage({ tool_call_id: call.id, content: await weather.invoke(call.args) }));
  assert.ok((await bound.invoke(messages)).text.length > 0);
});

const person = z.object({ name: z.string(), age: z.number().int() });

for (const method of ["jsonSchema", "functionCalling", "jsonMode"])
  check(`structured-${method}`, method === "functionCalling" ? ["tools"] : ["structured"], async () => {
    const schema = method === "jsonMode" ? z.looseObject({}) : person;
    schema.parse(await chat({ maxTokens: 400 }).withStructuredOutput(schema, { method, name: "person" }).invoke("Who? Answer in JSON."));
  });

check("embeddings", ["embeddings"], async () => {
  const vectors = new OpenAIEmbeddings({ model: VECTORS, apiKey: target.key, configuration: { baseURL: target.baseUrl }, maxRetries: 0 });
  const one = await vectors.embedQuery("hello");
  const many = await vectors.embedDocuments(["hello", "world"]);
  assert.deepEqual([many.length, many[0].length], [2, one.length]);
});

check("responses", ["responses"], async () => {
  const answer = chat({ maxTokens: 40, useResponsesApi: true, zdrEnabled: true });
  said((await answer.invoke(saying("Guten Tag"))).text, "Guten Tag");
  let whole = new AIMessageChunk("");
  for await (const chunk of await answer.stream(saying("eins zwei"))) whole = whole.concat(chunk);
  said(whole.text, "eins zwei");
});

for (const [name, needs, run, status, code] of [
  ["error-400", [], () => chat({ topP: 5 }).invoke("hi"), 400],
  ["error-401", [], () => chat({ key: "sk-wrong" }).invoke("hi"), 401, "invalid_api_key"],
  ["error-403", ["lawless"], () => chat({ key: target.keys.lawless }).invoke("hi"), 403],
  ["error-404", [], () => chat({ model: "gpt-4" }).invoke("hi"), 404, "model_not_found"],
  ["error-429-quota", ["broke"], () => chat({ key: target.keys.broke, maxRetries: 2 }).invoke("hi"), 429, "insufficient_quota"],
  ["error-503", ["directives"], () => chat().invoke("[[fail:503]]"), 503, "engine_overloaded"],
])
  check(name, needs, async () => {
    const { result: error, seen } = await during(() => refused(run));
    assert.equal(error.status, status, String(error));
    if (code !== undefined) assert.equal(error.code ?? error.error?.code, code);
    assert.equal(seen.length, 1);
  });

check("error-context-length", [], async () => {
  const error = await refused(() => chat({ maxTokens: 8 }).invoke("word ".repeat(200_000)));
  assert.equal(error.name, "ContextOverflowError");
});

check("retry-503", ["directives"], async () => {
  const { seen } = await during(() => refused(() => chat({ maxRetries: 1 }).invoke("[[fail:503:1]]")));
  assert.deepEqual(
    seen.map(({ status }) => status),
    [503, 503],
  );
});

check("retry-429", ["paced"], async () => {
  const seen = await whileOccupied(() => chat({ key: target.keys.paced, maxRetries: 4 }).invoke("hi"));
  assert.equal(seen[0].status, 429);
  assert.equal(seen.at(-1).status, 200);
});

check("stream-error", ["directives"], async () => {
  await refused(async () => {
    for await (const _ of await chat({ maxTokens: 9 }).stream("[[fail:error:3]][[tokens:9]]"));
  });
});

check("abort", ["paced"], async () => {
  const controller = new AbortController();
  await refused(async () => {
    const stream = await chat({ key: target.keys.paced, maxTokens: 3_000 }).stream(LONG, { signal: controller.signal });
    for await (const _ of stream) controller.abort();
  });
  assert.ok((await freed(1_000)) < 1_000);
});

await runAll(`@langchain/openai ${version}`);
