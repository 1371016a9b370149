/** OpenAI's own Node client, in the major that the first argument names: "openai" or "openai-6". */
import assert from "node:assert/strict";
import {
  CHAT,
  check,
  CITY,
  directed,
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

const packageName = process.argv[2] ?? "openai";
const { default: OpenAI } = await import(packageName);
const { zodResponseFormat } = await import(`${packageName}/helpers/zod`);
const { VERSION } = await import(`${packageName}/version`);
const { z } = await import("zod");

const client = (options) => new OpenAI({ baseURL: target.baseUrl, apiKey: target.key, maxRetries: 0, ...options });
const user = (content) => [{ role: "user", content }];
const ask = (more, options) =>
  client(options).chat.completions.create({ model: CHAT, messages: user("hi"), max_completion_tokens: 4, ...more });
const tool = (name) => ({ type: "function", function: { name, parameters: CITY } });
const TOOLS = [tool("get_weather"), tool("get_time")];

check("chat", [], async () => {
  const answer = await ask({ messages: user(saying("Guten Tag, Welt")), max_completion_tokens: 40 });
  assert.deepEqual([answer.object, answer.model, answer.choices.length], ["chat.completion", CHAT, 1]);
  said(answer.choices[0].message.content, "Guten Tag, Welt");
  assert.match(answer.id, /^chatcmpl-/);
  assert.match(answer._request_id, /^[0-9a-f]{32}$/);
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
});

check("chat-stream", [], async () => {
  const chunks = [];
  const asked = {
    messages: user(saying("eins zwei drei")),
    max_completion_tokens: 40,
    stream: true,
    stream_options: { include_usage: true },
  };
  for await (const chunk of await ask(asked)) chunks.push(chunk);
  said(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join(""), "eins zwei drei");
  assert.equal(chunks[0].choices[0].delta.role, "assistant");
  assert.equal(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size, 1);
  assert.deepEqual([chunks.at(-1).choices, chunks.at(-1).usage.completion_tokens > 0], [[], true]);
  assert.equal(chunks.filter(({ choices }) => (choices[0]?.finish_reason ?? null) !== null).length, 1);
});

check("stream-no-usage-unasked", [], async () => {
  for await (const { choices, usage } of await ask({ stream: true })) assert.deepEqual([choices.length, usage ?? null], [1, null]);
});

check("stream-helper", [], async () => {
  const stream = client().chat.completions.stream({ model: CHAT, messages: user(saying("a b c")), max_completion_tokens: 20 });
  said(await stream.finalContent(), "a b c");
});

check("n", ["n"], async () => {
  const whole = await ask({ n: 2 });
  const streamed = await client()
    .chat.completions.stream({ model: CHAT, messages: user("hi"), max_completion_tokens: 4, n: 2 })
    .finalChatCompletion();
  for (const { choices } of [whole, streamed])
    assert.deepEqual(
      choices.map(({ index }) => index),
      [0, 1],
    );
});

check("stop-and-length", [], async () => {
  const cut = await ask({ messages: user(LONG), max_completion_tokens: 3 });
  assert.deepEqual([cut.choices[0].finish_reason, cut.usage.completion_tokens], ["length", 3]);
  const stopped = await ask({ messages: user(saying("one two three")), stop: [" three"], max_completion_tokens: 40 });
  said(stopped.choices[0].message.content, "one two");
});

check("logprobs", ["logprobs"], async () => {
  const { choices } = await ask({ logprobs: true, top_logprobs: 2 });
  assert.ok(choices[0].logprobs.content.every(({ logprob, top_logprobs }) => logprob <= 0 && top_logprobs.length >= 2));
});

for (const [name, tool_choice, wanted] of [
  ["tools-auto", "auto", "get_weather"],
  ["tools-required", "required", "get_weather"],
  ["tools-named", { type: "function", function: { name: "get_time" } }, "get_time"],
])
  check(name, ["tools"], async () => {
    const asked = {
      model: CHAT,
      messages: user("What is the weather in Bremen? Use a tool."),
      tools: TOOLS,
      tool_choice,
      max_completion_tokens: 200,
    };
    const whole = await client().chat.completions.create(asked);
    const streamed = await client().chat.completions.stream(asked).finalChatCompletion();
    for (const { choices } of [whole, streamed]) {
      const [call] = choices[0].message.tool_calls;
      assert.ok(call.id.length > 0);
      if (directed || name === "tools-named") assert.equal(call.function.name, wanted);
      assert.equal(typeof JSON.parse(call.function.arguments).city, "string");
    }
  });

check("tools-round-trip", ["tools", "directives"], async () => {
  const cities = [];
  const weather = {
    type: "function",
    function: {
      name: "get_weather",
      description: "Weather",
      parse: JSON.parse,
      parameters: CITY,
      function: ({ city }) => (cities.push(city), "sunny"),
    },
  };
  for (const stream of [true, false]) {
    const runner = client().chat.completions.runTools({ model: CHAT, messages: user("weather?"), tools: [weather], stream });
    assert.ok((await runner.finalContent()).length > 0);
  }
  assert.equal(cities.length, 2);
});

const person = z.object({ name: z.string(), age: z.number().int(), tags: z.array(z.string()).max(3) });
const structured = () => ({
  model: CHAT,
  messages: user("Who? Answer in JSON."),
  response_format: zodResponseFormat(person, "person"),
  max_completion_tokens: 400,
});

check("structured", ["structured"], async () => {
  const { choices } = await client().chat.completions.parse(structured());
  person.parse(choices[0].message.parsed);
});

check("structured-stream", ["structured"], async () => {
  const { choices } = await client().chat.completions.stream(structured()).finalChatCompletion();
  person.parse(choices[0].message.parsed);
});

check("json-object", ["structured"], async () => {
  const { choices } = await ask({
    messages: user("Answer with a JSON object."),
    response_format: { type: "json_object" },
    max_completion_tokens: 400,
  });
  assert.equal(typeof JSON.parse(choices[0].message.content), "object");
});

check("embeddings", ["embeddings"], async () => {
  const input = ["hello", "world"];
  const floats = await client().embeddings.create({ model: VECTORS, input, encoding_format: "float" });
  const packed = await client().embeddings.create({ model: VECTORS, input });
  assert.deepEqual([packed.model, packed.object, packed.data.map(({ index }) => index)], [VECTORS, "list", [0, 1]]);
  for (const [at, { embedding }] of packed.data.entries())
    for (const [dimension, value] of embedding.entries()) assert.ok(Math.abs(value - floats.data[at].embedding[dimension]) < 1e-6);
});

check("embeddings-of-token-ids", ["embeddings"], async () => {
  assert.equal((await client().embeddings.create({ model: VECTORS, input: [1, 2, 3] })).data.length, 1);
  assert.equal((await client().embeddings.create({ model: VECTORS, input: [[1, 2], [3]] })).data.length, 2);
});

check("completions", ["completions"], async () => {
  const whole = await client().completions.create({ model: CHAT, prompt: saying("abc def"), max_tokens: 20 });
  assert.equal(whole.object, "text_completion");
  said(whole.choices[0].text, "abc def");
  let text = "";
  for await (const { choices } of await client().completions.create({
    model: CHAT,
    prompt: saying("abc def"),
    max_tokens: 20,
    stream: true,
  }))
    text += choices[0]?.text ?? "";
  said(text, "abc def");
});

check("models", [], async () => {
  const listed = [];
  for await (const model of client().models.list()) listed.push(model.id);
  assert.ok(listed.includes(CHAT), `${CHAT} is not in ${listed.join(", ")}`);
  for (const id of listed) assert.equal((await client().models.retrieve(id)).id, id);
});

const respond = (more) => client().responses.create({ model: CHAT, input: "hi", store: false, max_output_tokens: 40, ...more });

check("responses", ["responses"], async () => {
  const answer = await respond({ input: saying("Guten Tag"), instructions: "Be brief." });
  assert.deepEqual([answer.object, answer.status, answer.model, answer.error], ["response", "completed", CHAT, null]);
  said(answer.output_text, "Guten Tag");
  assert.equal(answer.usage.total_tokens, answer.usage.input_tokens + answer.usage.output_tokens);
});

check("responses-stream", ["responses"], async () => {
  const stream = client().responses.stream({
    model: CHAT,
    input: [{ role: "user", content: saying("eins zwei") }],
    store: false,
    max_output_tokens: 40,
  });
  const events = [];
  for await (const event of stream) events.push(event);
  said((await stream.finalResponse()).output_text, "eins zwei");
  said(
    events
      .filter(({ type }) => type === "response.output_text.delta")
      .map(({ delta }) => delta)
      .join(""),
    "eins zwei",
  );
  assert.deepEqual([events[0].type, events.at(-1).type], ["response.created", "response.completed"]);
  assert.deepEqual(
    events.map(({ sequence_number }) => sequence_number),
    [...events.keys()],
  );
});

check("responses-tools", ["responses", "tools"], async () => {
  const tools = [{ type: "function", name: "get_weather", parameters: CITY, strict: true }];
  const asked = { input: "What is the weather in Bremen? Use the tool.", tools, tool_choice: "required", max_output_tokens: 200 };
  const stream = await client().responses.stream({ model: CHAT, store: false, ...asked });
  for (const { output } of [await respond(asked), await stream.finalResponse()]) {
    const call = output.find(({ type }) => type === "function_call");
    assert.deepEqual([call.name, typeof JSON.parse(call.arguments).city, call.call_id.length > 0], ["get_weather", "string", true]);
  }
});

check("responses-structured", ["responses", "structured"], async () => {
  const { zodTextFormat } = await import(`${packageName}/helpers/zod`);
  const text = { format: zodTextFormat(person, "person") };
  const answer = await client().responses.parse({ model: CHAT, input: "Who? Answer in JSON.", text, store: false, max_output_tokens: 400 });
  person.parse(answer.output_parsed);
});

check("responses-error", ["responses"], async () => {
  const error = await refused(() => respond({ model: "gpt-4" }));
  assert.deepEqual([error.status, error.code], [404, "model_not_found"]);
});

check("usage-and-costs", ["usage"], async () => {
  const since = Math.floor(Date.now() / 1_000) - 86_400;
  for (const path of ["usage/completions", "costs"]) {
    const page = await client().get(`/organization/${path}?start_time=${since}`);
    assert.deepEqual([page.object, page.data[0].object], ["page", "bucket"]);
  }
});

for (const [name, needs, kind, run, expected] of [
  ["error-400", [], "BadRequestError", () => ask({ max_completion_tokens: -1 }), { status: 400, param: "max_completion_tokens" }],
  ["error-401", [], "AuthenticationError", () => ask({}, { apiKey: "sk-wrong" }), { status: 401, code: "invalid_api_key" }],
  [
    "error-403",
    ["lawless"],
    "PermissionDeniedError",
    () => ask({}, { apiKey: target.keys.lawless }),
    { status: 403, type: "permission_error" },
  ],
  ["error-404", [], "NotFoundError", () => ask({ model: "gpt-4" }), { status: 404, code: "model_not_found" }],
  ["error-404-model", [], "NotFoundError", () => client().models.retrieve("gpt-4"), { status: 404, code: "model_not_found" }],
  ["error-404-route", [], "NotFoundError", () => client().files.list(), { status: 404, code: null }],
  [
    "error-429-quota",
    ["broke"],
    "RateLimitError",
    () => ask({}, { apiKey: target.keys.broke, maxRetries: 2 }),
    { status: 429, code: "insufficient_quota" },
  ],
  [
    "error-502",
    ["directives"],
    "InternalServerError",
    () => ask({ messages: user("[[fail:500]]") }),
    { status: 502, code: "engine_failed" },
  ],
  [
    "error-503",
    ["directives"],
    "InternalServerError",
    () => ask({ messages: user("[[fail:503]]") }),
    { status: 503, code: "engine_overloaded" },
  ],
])
  check(name, needs, async () => {
    const { result: error, seen } = await during(() => refused(run));
    assert.ok(error instanceof OpenAI[kind], `${error.constructor.name}: ${error.message}`);
    for (const [member, value] of Object.entries(expected)) assert.equal(error[member], value, member);
    assert.match(error.requestID, /^[0-9a-f]{32}$/);
    assert.equal(seen.length, 1);
  });

check("retry-503", ["directives"], async () => {
  const { seen } = await during(() => refused(() => ask({ messages: user("[[fail:503:1]]") }, { maxRetries: 1 })));
  patient(seen, 2);
});

check("retry-after-429", ["paced"], async () => {
  const seen = await whileOccupied(() => ask({}, { apiKey: target.keys.paced, maxRetries: 2 }));
  assert.deepEqual(
    seen.map(({ status }) => status),
    [429, 200],
  );
  assert.ok(seen[1].startedMs - seen[0].endedMs > 900, "it came back too early");
});

check("stream-error", ["directives"], async () => {
  const read = async (order) => {
    for await (const _ of await ask({ messages: user(`${order}[[tokens:9]]`), max_completion_tokens: 9, stream: true }));
  };
  assert.equal((await refused(() => read("[[fail:error:3]]"))).code, "engine_failed");
  assert.ok((await refused(() => read("[[fail:cut:3]]"))) instanceof Error);
});

check("abort", ["paced"], async () => {
  const stream = await ask({ messages: user(LONG), max_completion_tokens: 3_000, stream: true }, { apiKey: target.keys.paced });
  for await (const chunk of stream) if (chunk.choices.length > 0) break;
  assert.ok((await freed(1_000)) < 1_000);
});

check("timeout", ["directives"], async () => {
  const error = await refused(() => ask({ messages: user("[[fail:stall-first:5000]]") }, { timeout: 200 }));
  assert.ok(error instanceof OpenAI.APIConnectionTimeoutError);
});

check("raw-headers", [], async () => {
  const { response, request_id } = await ask({}).withResponse();
  assert.deepEqual([response.headers.get("x-request-id"), response.headers.get("openai-version")], [request_id, "2020-10-01"]);
});

check("20-at-once", [], async () => {
  const texts = Array.from({ length: 20 }, (_, at) => `stream ${at} ${"word ".repeat(10)}${at}`);
  const answers = await Promise.all(
    texts.map((text) =>
      client()
        .chat.completions.stream({ model: CHAT, messages: user(saying(text)), max_completion_tokens: 40 })
        .finalContent(),
    ),
  );
  for (const [at, text] of texts.entries()) said(answers[at], text);
});

await runAll(`openai-node ${VERSION}`);
