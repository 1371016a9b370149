/** The Responses API through OpenAI's Node client, unmodified: straight through and translated, the caller sees the same. */
import type OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { DOORS, LAWLESS_KEY, SERVED, startDoors, type Doors } from "./support/doors.ts";
import { until } from "./support/until.ts";

type Event = OpenAI.Responses.ResponseStreamEvent;

const MODELS = [DOORS.native, DOORS.translated] as const;
const WEATHER = {
  type: "function",
  name: "weather",
  description: "The weather of a place.",
  strict: true,
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
} as const satisfies OpenAI.Responses.FunctionTool;

let doors: Doors;
beforeAll(async () => void (doors = await startDoors()));
afterEach(() => doors.heal());
afterAll(() => doors.stop());

async function events(body: OpenAI.Responses.ResponseCreateParamsStreaming): Promise<readonly Event[]> {
  const seen: Event[] = [];
  for await (const event of await doors.client().responses.create(body)) seen.push(event);
  return seen;
}

const typesOf = (seen: readonly Event[]): readonly string[] => seen.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);

describe.each(MODELS)("%s", (model) => {
  it("answers in one piece", async () => {
    const answer = await doors
      .client()
      .responses.create({ model, input: "[[say:Guten Tag, Welt]]", instructions: "Be brief.", metadata: { a: "b" } });
    expect(answer).toMatchObject({
      object: "response",
      model,
      status: "completed",
      error: null,
      incomplete_details: null,
      store: false,
      instructions: "Be brief.",
      metadata: { a: "b" },
      output: [
        {
          type: "message",
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: "Guten Tag, Welt", annotations: [] }],
        },
      ],
    });
    expect(answer.output_text).toBe("Guten Tag, Welt");
    expect(answer.id).toBe(`resp_${answer._request_id}`);
    expect(Math.abs(answer.created_at - Date.now() / 1000)).toBeLessThan(60);
    expect(answer.usage?.total_tokens).toBe((answer.usage?.input_tokens ?? 0) + (answer.usage?.output_tokens ?? 0));
    expect(answer.usage?.output_tokens).toBeGreaterThan(2);
    for (const name of ["tools", "tool_choice", "temperature", "top_p", "parallel_tool_calls", "usage", "truncation", "background"])
      expect(answer).toHaveProperty(name);
  });

  it("streams every event in order, numbered", async () => {
    const seen = await events({ model, input: "[[say:eins zwei drei vier]]", stream: true });
    expect(typesOf(seen)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(seen.map(({ sequence_number }) => sequence_number)).toEqual(seen.map((_, at) => at));
    expect(seen.flatMap((event) => (event.type === "response.output_text.delta" ? [event.delta] : [])).join("")).toBe(
      "eins zwei drei vier",
    );
    const last = seen.at(-1);
    expect(last?.type === "response.completed" ? last.response : undefined).toMatchObject({
      model,
      status: "completed",
      store: false,
      output: [{ content: [{ text: "eins zwei drei vier" }] }],
      usage: { output_tokens: expect.any(Number) },
    });
    const named = seen.flatMap((event) => ("response" in event ? [event.response.id] : []));
    expect(new Set(named).size).toBe(1);
  });

  it("serves the stream helper, with its snapshots", async () => {
    const stream = doors.client().responses.stream({ model, input: "[[say:ein Satz mit fünf Wörtern 🚢]]" });
    const snapshots: string[] = [];
    stream.on("response.output_text.delta", ({ snapshot }) => snapshots.push(snapshot));
    const final = await stream.finalResponse();
    expect(snapshots.at(-1)).toBe("ein Satz mit fünf Wörtern 🚢");
    expect(final.output_text).toBe("ein Satz mit fünf Wörtern 🚢");
  });

  it("parses structured output", async () => {
    const Ship = z.object({ name: z.string(), tons: z.number() });
    const answer = await doors.client().responses.parse({ model, input: "a ship", text: { format: zodTextFormat(Ship, "ship") } });
    expect(Ship.parse(answer.output_parsed)).toEqual(answer.output_parsed);
    const streamed = await doors
      .client()
      .responses.stream({ model, input: "a ship", text: { format: zodTextFormat(Ship, "ship") } })
      .finalResponse();
    expect(Ship.parse(streamed.output_parsed)).toEqual(answer.output_parsed);
  });

  it("calls a function, streamed, and goes on from its result", async () => {
    const seen = await events({ model, input: "How is it in Kiel?", tools: [WEATHER], stream: true });
    expect(typesOf(seen)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const last = seen.at(-1);
    const output = last?.type === "response.completed" ? last.response.output : [];
    const [call] = output;
    if (call?.type !== "function_call") throw new Error("no call");
    expect(call.name).toBe("weather");
    expect(Object.keys(JSON.parse(call.arguments))).toEqual(["city"]);
    const after = await doors.client().responses.create({
      model,
      tools: [WEATHER],
      input: [
        { role: "user", content: "How is it in Kiel?" },
        { type: "reasoning", id: "rs_1", summary: [] },
        call,
        { type: "function_call_output", call_id: call.call_id, output: "windy" },
      ],
    });
    expect(after.output[0]?.type).toBe("message");
    const sent = doors.engine.seen.at(-1)?.body ?? "";
    expect(sent).toContain("windy");
    expect(sent).toContain(call.call_id);
  });

  it("takes turns as items, and forced and forbidden tools", async () => {
    const forced = await doors
      .client()
      .responses.create({ model, input: "hi", tools: [WEATHER], tool_choice: { type: "function", name: "weather" } });
    expect(forced.output.map(({ type }) => type)).toEqual(["function_call"]);
    const turns = await doors.client().responses.create({
      model,
      tools: [WEATHER],
      tool_choice: "none",
      input: [
        { role: "developer", content: "Be kind." },
        { role: "user", content: [{ type: "input_text", text: "[[say:one]]" }] },
        { role: "assistant", content: "one" },
        { role: "user", content: [{ type: "input_text", text: "[[say:two]]" }] },
      ],
    });
    expect(turns.output_text).toBe("two");
  });

  it("says what was cut, whole and streamed", async () => {
    const body = { model, input: "[[say:a long sentence that will not fit into so few tokens]]", max_output_tokens: 3 } as const;
    const answer = await doors.client().responses.create(body);
    expect([answer.status, answer.incomplete_details]).toEqual(["incomplete", { reason: "max_output_tokens" }]);
    expect(answer.usage?.output_tokens).toBe(3);
    const seen = await events({ ...body, stream: true });
    const last = seen.at(-1);
    expect(last?.type === "response.incomplete" ? [last.response.status, last.response.incomplete_details] : last).toEqual([
      "incomplete",
      { reason: "max_output_tokens" },
    ]);
  });

  it("tells a break in the stream as response.failed, and charges what went out", async () => {
    const before = await doors.usage();
    const seen = await events({ model, input: "[[say:one two three four five six]] [[fail:reset:4]]", stream: true });
    const last = seen.at(-1);
    if (last?.type !== "response.failed") throw new Error(`ended with ${last?.type}`);
    expect(last.response).toMatchObject({ status: "failed", error: { code: "server_error" }, model });
    expect(last.response.id).toBe(seen[0]?.type === "response.created" ? seen[0].response.id : "");
    expect(seen.map(({ sequence_number }) => sequence_number)).toEqual(seen.map((_, at) => at));
    await until("the hold is settled", () => doors.holdsOpen() === 0);
    const after = await doors.usage();
    expect(after.output - before.output).toBeGreaterThanOrEqual(3);
  });

  it("charges an answer whose engine states no usage: nothing is free", async () => {
    doors.engine.faults.set({ usage: "absent" });
    for (const stream of [false, true]) {
      const before = await doors.usage();
      const answer = await doors.post("/v1/responses", { model, input: "[[say:one two three four five six seven]]", stream });
      expect(answer.status).toBe(200);
      await answer.text();
      await until("the hold is settled", () => doors.holdsOpen() === 0);
      const after = await doors.usage();
      expect(after.output - before.output).toBeGreaterThan(5);
    }
  });

  it("charges what the engine counted", async () => {
    const before = await doors.usage();
    const answer = await doors.client().responses.create({ model, input: "[[say:one two three]]" });
    const last = (await events({ model, input: "[[say:one two three]]", stream: true })).at(-1);
    const streamed = last?.type === "response.completed" ? last.response.usage : undefined;
    await until("both are settled", () => doors.holdsOpen() === 0);
    const after = await doors.usage();
    expect(after.output - before.output).toBe((answer.usage?.output_tokens ?? 0) + (streamed?.output_tokens ?? 0));
    expect(after.input - before.input).toBe((answer.usage?.input_tokens ?? 0) + (streamed?.input_tokens ?? 0));
  });

  it("answers failures before the first byte with a status", async () => {
    doors.engine.faults.set({ status: 503 });
    const refused = await doors.post("/v1/responses", { model, input: "hi", stream: true });
    expect([refused.status, JSON.parse(await refused.text()).error.code]).toEqual([503, "engine_overloaded"]);
  });

  it("names parameters as the caller knows them when the engine refuses", async () => {
    const answer = await doors.post("/v1/responses", { model, input: "hi", max_output_tokens: 9_000_000 });
    const { error } = JSON.parse(await answer.text());
    expect([answer.status, error.param]).toEqual([400, "max_output_tokens"]);
    const long = await doors.post("/v1/responses", { model, input: "word ".repeat(40_000) });
    expect([long.status, JSON.parse(await long.text()).error]).toEqual([
      400,
      expect.objectContaining({ code: "context_length_exceeded", param: "input" }),
    ]);
  });

  it("is left alone when its caller leaves: the engine hears of it", async () => {
    const stopped = doors.engine.counts.cancelled;
    const stream = await doors.client().responses.create({ model, input: "[[tokens:3000]]", stream: true });
    for await (const event of stream) if (event.type === "response.output_text.delta") break;
    await until("the engine has been told", () => doors.engine.counts.cancelled > stopped);
    await until("the hold is settled", () => doors.holdsOpen() === 0);
  });

  it("parts tenants in the prefix cache, stores nothing, and shows no inner name", async () => {
    const answer = await doors.post("/v1/responses", { model, input: "hi" });
    const text = await answer.text();
    const sent = doors.engine.seen.at(-1)?.body ?? "";
    expect(sent).toMatch(/"cache_salt":"[\w-]{43}"/);
    if (model === DOORS.native) expect(sent).toContain('"store":false');
    expect(text).not.toContain(SERVED.chat);
  });

  it("is chat before the law: no rule about chat is passed by this door", async () => {
    const answer = await doors.post("/v1/responses", { model, input: "hi" }, { key: LAWLESS_KEY });
    expect([answer.status, JSON.parse(await answer.text()).error.code]).toEqual([403, "SOV_NO_ADMISSIBLE"]);
    // The rule is about chat alone: whatever is not chat passes.
    const pairs = { model: DOORS.rerank, query: "a", documents: ["b"] };
    expect((await doors.post("/v1/rerank", pairs, { key: LAWLESS_KEY })).status).toBe(200);
  });

  it("keeps what must not reach it from the engine", async () => {
    const count = doors.engine.counts.requests;
    const bodies = [
      { store: true },
      { previous_response_id: "resp_1" },
      { conversation: "conv_1" },
      { background: true },
      { tools: [{ type: "web_search" }] },
      { tools: [{ type: "mcp", server_label: "x", server_url: "https://evil.example" }] },
      { input: [{ role: "user", content: [{ type: "input_image", image_url: "https://evil.example/cat.png" }] }] },
      { input: [{ role: "user", content: [{ type: "input_text", text: "x", image_url: "http://evil.example" }] }] },
      { input: [{ type: "item_reference", id: "msg_1" }] },
      { request_id: "mine" },
      { kv_transfer_params: {} },
    ];
    for (const body of bodies) {
      const answer = await doors.post("/v1/responses", { model, input: "hi", ...body });
      expect([answer.status, body], await answer.text()).toEqual([400, body]);
    }
    const posted = doors.engine.seen.slice(count).filter(({ path }) => path.startsWith("/v1/responses") || path.startsWith("/v1/chat"));
    expect(posted).toEqual([]);
  });
});

it("retries at another time as the SDK would: the same idempotency key is not charged twice", async () => {
  const body = { model: DOORS.translated, input: "[[say:once]]" };
  const headers = { "idempotency-key": "one-and-the-same" };
  expect((await doors.post("/v1/responses", body, { headers })).status).toBe(200);
  expect((await doors.post("/v1/responses", body, { headers })).status).toBe(409);
});

describe("what comes later", () => {
  it.each([
    ["GET", "/v1/responses/resp_1"],
    ["DELETE", "/v1/responses/resp_1"],
    ["POST", "/v1/responses/resp_1/cancel"],
    ["POST", "/v1/messages"],
    ["POST", "/v1/audio/speech"],
    ["POST", "/v1/images/generations"],
    ["GET", "/v1/conversations/conv_1"],
  ])("%s %s says so", async (method, path) => {
    const answer = await fetch(`http://127.0.0.1:${doors.port}${path}`, { method });
    const { error } = JSON.parse(await answer.text());
    expect([answer.status, error.code]).toEqual([404, "not_offered"]);
    expect(error.message).toMatch(/not (stored|offered|made) here/);
  });
});
