/** OpenAI's own Node client, unmodified, against the whole gateway: what it asks for it gets. */
import type OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { MODELS } from "../edge/support/estate.ts";
import { type Stand, startStand } from "../edge/support/stand.ts";
import { clientOf, type ClientOptions, user } from "./openai-client.ts";

const { vllm: CHAT, triton: PROSE, embedding: VECTORS } = MODELS.alpine;

let stand: Stand;
const client = (options?: ClientOptions): OpenAI => clientOf(stand, options);
beforeAll(async () => void (stand = await startStand()));
afterEach(() => stand.heal());
afterAll(() => stand.stop());

describe("chat", () => {
  it.each([CHAT, PROSE])("answers: %s", async (model) => {
    const answer = await client().chat.completions.create({ model, messages: user("[[say:Guten Tag, Welt]]") });
    expect(answer).toMatchObject({
      object: "chat.completion",
      model,
      choices: [{ index: 0, message: { role: "assistant", content: "Guten Tag, Welt" }, finish_reason: "stop" }],
    });
    expect(answer.id).toMatch(/^chatcmpl-/);
    expect(Math.abs(answer.created - Date.now() / 1000)).toBeLessThan(60);
    expect(answer._request_id).toMatch(/^[0-9a-f]{32}$/);
    expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0));
  });

  it.each([CHAT, PROSE])("streams: %s", async (model) => {
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    const stream = await client().chat.completions.create({
      model,
      messages: user("[[say:eins zwei drei vier]]"),
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) chunks.push(chunk);
    const last = chunks.at(-1);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("eins zwei drei vier");
    expect(chunks[0]?.choices[0]?.delta.role).toBe("assistant");
    expect(new Set(chunks.map(({ id, created, model: named, object }) => `${id} ${created} ${named} ${object}`)).size).toBe(1);
    expect(chunks[0]).toMatchObject({ model, object: "chat.completion.chunk" });
    expect(chunks.flatMap(({ choices }) => choices.map(({ finish_reason }) => finish_reason)).filter((reason) => reason !== null)).toEqual([
      "stop",
    ]);
    expect([last?.choices, last?.usage?.completion_tokens]).toEqual([[], expect.any(Number)]);
    expect(chunks.slice(0, -1).every(({ usage, choices }) => (usage ?? null) === null && choices.length === 1)).toBe(true);
  });

  it.each([CHAT, PROSE])("sends no usage frame unasked: %s", async (model) => {
    const stream = await client().chat.completions.create({ model, messages: user("hi"), max_completion_tokens: 4, stream: true });
    for await (const chunk of stream) expect([chunk.choices.length, chunk.usage ?? null]).toEqual([1, null]);
  });

  it("n = 2, in one piece and streamed", async () => {
    const whole = await client().chat.completions.create({ model: CHAT, messages: user("hi"), max_completion_tokens: 6, n: 2 });
    const streamed = await client()
      .chat.completions.stream({ model: CHAT, messages: user("hi"), max_completion_tokens: 6, n: 2 })
      .finalChatCompletion();
    expect(whole.choices.map(({ index }) => index)).toEqual([0, 1]);
    expect(streamed.choices.map(({ message }) => message.content)).toEqual(whole.choices.map(({ message }) => message.content));
  });

  it("stop and a bound end it as they should", async () => {
    const stopped = await client().chat.completions.create({ model: CHAT, messages: user("[[say:one two three]]"), stop: [" three"] });
    const cut = await client().chat.completions.create({ model: CHAT, messages: user("[[tokens:50]]"), max_completion_tokens: 3 });
    expect([stopped.choices[0]?.message.content, stopped.choices[0]?.finish_reason]).toEqual(["one two", "stop"]);
    expect([cut.usage?.completion_tokens, cut.choices[0]?.finish_reason]).toEqual([3, "length"]);
  });

  it("logprobs", async () => {
    const { choices } = await client().chat.completions.create({
      model: CHAT,
      messages: user("[[say:a b]]"),
      logprobs: true,
      top_logprobs: 2,
    });
    const content = choices[0]?.logprobs?.content ?? [];
    expect(content.map(({ token }) => token).join("")).toBe("a b");
    expect(content.every(({ top_logprobs, logprob }) => top_logprobs.length === 2 && logprob <= 0)).toBe(true);
  });

  it("text passes byte for byte, whatever it looks like", async () => {
    const said = 'data: [DONE]\\n\\n{"error":{"message":"x"},"usage":{"prompt_tokens":9}} \u00e4\u2028 \ud83d\ude80';
    const stream = client().chat.completions.stream({ model: CHAT, messages: user(`[[say:${said}]]`) });
    expect(await stream.finalContent()).toBe(said);
  });

  it("20 streams at once, each its own", async () => {
    const said = Array.from({ length: 20 }, (_, at) => `stream ${at} ${"word ".repeat(20)}${at}`);
    const texts = await Promise.all(
      said.map((text) =>
        client()
          .chat.completions.stream({ model: CHAT, messages: user(`[[say:${text}]]`) })
          .finalContent(),
      ),
    );
    expect(texts).toEqual(said);
  });
});

const TOOLS: OpenAI.ChatCompletionTool[] = ["get_weather", "get_time"].map((name) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
}));

describe("tools", () => {
  it.each<readonly [string, OpenAI.ChatCompletionToolChoiceOption, string]>([
    ["auto", "auto", "get_weather"],
    ["required", "required", "get_weather"],
    ["named", { type: "function", function: { name: "get_time" } }, "get_time"],
  ])("%s: in one piece and streamed they are the same", async (_, tool_choice, name) => {
    const asked = { model: CHAT, messages: user("What is it like?"), tools: TOOLS, tool_choice };
    const whole = await client().chat.completions.create(asked);
    const streamed = await client().chat.completions.stream(asked).finalChatCompletion();
    for (const { choices } of [whole, streamed]) {
      const [call] = choices[0]?.message.tool_calls ?? [];
      expect(call).toMatchObject({ type: "function", function: { name }, id: expect.stringMatching(/./) });
      expect(JSON.parse(call?.type === "function" ? call.function.arguments : "")).toHaveProperty("city");
      expect(["tool_calls", "stop"]).toContain(choices[0]?.finish_reason);
    }
  });

  it("none answers in words", async () => {
    const { choices } = await client().chat.completions.create({
      model: CHAT,
      messages: user("hi"),
      tools: TOOLS,
      tool_choice: "none",
      max_completion_tokens: 5,
    });
    expect([choices[0]?.message.tool_calls ?? [], choices[0]?.message.content]).toEqual([[], expect.stringMatching(/./)]);
  });

  it.each([true, false])("runTools goes there and back, stream %s", async (stream) => {
    const cities: unknown[] = [];
    const tool = {
      type: "function" as const,
      function: {
        name: "get_weather",
        description: "The weather of a city",
        parse: JSON.parse,
        parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
        function: ({ city }: { city: string }) => {
          cities.push(city);
          return "sunny";
        },
      },
    };
    const { completions } = client().chat;
    const asked = { model: CHAT, messages: user("weather?"), tools: [tool] };
    const runner = stream ? completions.runTools({ ...asked, stream: true }) : completions.runTools({ ...asked, stream: false });
    expect(await runner.finalContent()).toMatch(/./);
    expect(cities).toHaveLength(1);
  });
});

it("structured output is parsed, in one piece and streamed", async () => {
  const shape = z.object({ name: z.string(), age: z.number().int(), tags: z.array(z.string()) });
  const asked = { model: CHAT, messages: user("Who?"), response_format: zodResponseFormat(shape, "person") };
  const whole = await client().chat.completions.parse(asked);
  const streamed = await client().chat.completions.stream(asked).finalChatCompletion();
  for (const { choices } of [whole, streamed]) expect(shape.parse(choices[0]?.message.parsed)).toBeDefined();
});

describe("embeddings", () => {
  it("in base64, the client's default, equal those in floats", async () => {
    const { data: floats } = await client().embeddings.create({ model: VECTORS, input: ["hello", "world"], encoding_format: "float" });
    const { data: packed, usage, model, object } = await client().embeddings.create({ model: VECTORS, input: ["hello", "world"] });
    expect([model, object, usage.total_tokens]).toEqual([VECTORS, "list", usage.prompt_tokens]);
    expect(packed.map(({ index }) => index)).toEqual([0, 1]);
    for (const [at, { embedding }] of packed.entries())
      for (const [dimension, value] of embedding.entries()) expect(value).toBeCloseTo(floats[at]?.embedding[dimension] ?? NaN, 6);
    expect(packed[0]?.embedding).toHaveLength(16);
  });

  it("of token ids, one list and many", async () => {
    expect((await client().embeddings.create({ model: VECTORS, input: [1, 2, 3] })).data).toHaveLength(1);
    expect((await client().embeddings.create({ model: VECTORS, input: [[1, 2], [3]] })).data).toHaveLength(2);
  });
});

describe("completions", () => {
  it.each([CHAT, PROSE])("answer and stream: %s", async (model) => {
    const whole = await client().completions.create({ model, prompt: "[[say:abc def]]" });
    expect(whole).toMatchObject({ object: "text_completion", model, choices: [{ text: "abc def", index: 0, finish_reason: "stop" }] });
    let text = "";
    for await (const { choices } of await client().completions.create({ model, prompt: "[[say:abc def]]", stream: true }))
      text += choices[0]?.text ?? "";
    expect(text).toBe("abc def");
  });

  it("several prompts are one flat list, and token ids are a prompt", async () => {
    const { choices } = await client().completions.create({ model: CHAT, prompt: ["[[say:a]]", "[[say:b]]"] });
    expect(choices.map(({ index, text }) => [index, text])).toEqual([
      [0, "a"],
      [1, "b"],
    ]);
    expect((await client().completions.create({ model: CHAT, prompt: [1, 2, 3], max_tokens: 2 })).usage?.prompt_tokens).toBe(3);
  });
});

it("models are listed and found, with a slash in their name", async () => {
  const listed: string[] = [];
  for await (const { id, object, owned_by } of client().models.list()) {
    listed.push(id);
    expect([object, owned_by]).toEqual(["model", "Alpine Cloud"]);
  }
  expect(listed).toEqual([CHAT, PROSE, VECTORS]);
  for (const id of listed) expect(await client().models.retrieve(id)).toMatchObject({ id, object: "model" });
});
