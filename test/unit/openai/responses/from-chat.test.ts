import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { Fault } from "../../../../src/faults.ts";
import { JsonReply } from "../../../../src/openai/json-reply.ts";
import { ResponseAnswer } from "../../../../src/openai/responses/from-chat.ts";
import { toChat } from "../../../../src/openai/responses/to-chat.ts";
import { callOf, chunk, DONE, eventsIn, REQUEST, told, type Told, usageChunk } from "./support.ts";

const ROLE = chunk({ role: "assistant", content: "" });
const STOP = chunk({}, { finish: "stop" });
const USAGE = usageChunk({
  prompt_tokens: 9,
  completion_tokens: 4,
  total_tokens: 13,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 2 },
});
const typesOf = (text: string): readonly string[] => eventsIn(text).map(({ type }) => type.replace("response.", ""));
const lastOf = (text: string): Told & { readonly response: Shown } => Object.assign({ response: NOTHING }, eventsIn(text).at(-1));

/** A Response as far as these tests look at it. */
interface Shown {
  readonly output: {
    id: string;
    status: string;
    type: string;
    name: string;
    call_id: string;
    arguments: string;
    content: { text: string; logprobs: unknown }[];
  }[];
  readonly usage: unknown;
  readonly incomplete_details: { reason: string } | null;
}
const NOTHING: Shown = { output: [], usage: null, incomplete_details: null };

describe("ResponseStream", () => {
  it("tells a text in OpenAI's order, numbered from 0", () => {
    const { text, stream } = told([
      ROLE,
      chunk({ content: 'Gru\u00df "🚢' }),
      chunk({ content: "\n\ud83d" }),
      chunk({ content: "\ude00" }),
      STOP,
      USAGE,
      DONE,
    ]);
    expect(typesOf(text)).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.delta",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "completed",
    ]);
    expect(eventsIn(text).map(({ sequence_number }) => sequence_number)).toEqual(eventsIn(text).map((_, at) => at));
    const { response } = lastOf(text);
    expect(response.output).toEqual([
      {
        id: `msg_${REQUEST}0000`,
        type: "message",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", annotations: [], logprobs: [], text: 'Gru\u00df "🚢\n😀' }],
      },
    ]);
    expect(response.usage).toEqual({
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 3, cache_write_tokens: 0 },
      output_tokens: 4,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 13,
    });
    expect([stream.done, stream.observed.finished]).toEqual([true, true]);
  });

  it("reads the same at every split", () => {
    const whole = [ROLE, chunk({ reasoning: "hm" }), chunk({ content: "a" }), chunk({ content: "b" }), STOP, USAGE, DONE].join("");
    const expected = told([whole]).text;
    for (let at = 0; at <= whole.length; at++) expect(told([whole.slice(0, at), whole.slice(at)]).text).toBe(expected);
    expect(told(whole.split("")).text).toBe(expected);
  });

  it("tells thoughts, words and calls as items of their own", () => {
    const call = (index: number, more: object) => chunk({ tool_calls: [{ index, type: "function", ...more }] });
    const { text } = told([
      ROLE,
      chunk({ reasoning_content: "think", reasoning: "think" }),
      chunk({ content: "Let me see." }),
      call(0, { id: "call_a", function: { name: "f", arguments: "" } }),
      call(0, { function: { arguments: '{"x":' } }),
      call(0, { function: { arguments: "1}" } }),
      call(1, { id: "call_b", function: { name: "g", arguments: "{}" } }),
      chunk({}, { finish: "tool_calls" }),
      DONE,
    ]);
    const { response } = lastOf(text);
    expect(response.output).toMatchObject([
      { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "think" }], status: "completed" },
      { type: "message", content: [{ text: "Let me see." }] },
      { type: "function_call", call_id: "call_a", name: "f", arguments: '{"x":1}', status: "completed" },
      { type: "function_call", call_id: "call_b", name: "g", arguments: "{}", status: "completed" },
    ]);
    expect(new Set(response.output.map(({ id }: { id: string }) => id)).size).toBe(4);
    expect(eventsIn(text).map(({ output_index }) => output_index)).toEqual([
      undefined,
      undefined,
      ...[0, 1, 2, 3].flatMap((at) => Array(at < 2 ? 6 : at === 2 ? 5 : 4).fill(at)),
      undefined,
    ]);
    const done = eventsIn(text).filter(({ type }) => type === "response.function_call_arguments.done");
    expect(done).toMatchObject([
      { name: "f", arguments: '{"x":1}' },
      { name: "g", arguments: "{}" },
    ]);
    expect(typesOf(text).filter((type) => type.startsWith("reasoning"))).toEqual(["reasoning_text.delta", "reasoning_text.done"]);
  });

  it("tells a refusal, and log probabilities where there are any", () => {
    expect(lastOf(told([ROLE, chunk({ refusal: "No." }), STOP, DONE]).text).response.output[0]?.content).toEqual([
      { type: "refusal", refusal: "No." },
    ]);
    const logprobs = { content: [{ token: "a", logprob: -1, bytes: [97], top_logprobs: [] }] };
    const { text } = told([ROLE, chunk({ content: "a" }, { logprobs }), chunk({ content: "a" }, { logprobs }), STOP, DONE]);
    expect(eventsIn(text).find(({ type }) => type.endsWith("text.delta"))?.["logprobs"]).toEqual(logprobs.content);
    expect(lastOf(text).response.output[0]?.content[0]?.logprobs).toEqual([...logprobs.content, ...logprobs.content]);
  });

  it.each([
    ["length", "response.incomplete", "max_output_tokens"],
    ["content_filter", "response.incomplete", "content_filter"],
    ["stop", "response.completed", undefined],
  ])("ends as the chat did: %s", (finish, type, reason) => {
    const last = lastOf(told([ROLE, chunk({ content: "x" }), chunk({}, { finish }), DONE]).text);
    expect([last.type, last.response.incomplete_details?.reason, last.response.output[0]?.status]).toEqual([
      type,
      reason,
      reason === undefined ? "completed" : "incomplete",
    ]);
  });

  it("has an empty message where nothing was said, and counted usage where none was stated", () => {
    const { response } = lastOf(told([ROLE, STOP, DONE]).text);
    expect(response.output).toMatchObject([{ type: "message", content: [{ text: "" }] }]);
    expect(lastOf(told([ROLE, chunk({ content: "abcdefgh" }), STOP, DONE]).text).response.usage).toMatchObject({
      input_tokens: 1,
      output_tokens: 2,
      total_tokens: 3,
    });
  });

  it("understands engines that number all calls 0, repeat ids, or give none", () => {
    const call = (more: object) => chunk({ tool_calls: [{ index: 0, ...more }] });
    const outputOf = (...frames: string[]) => lastOf(told([ROLE, ...frames, STOP, DONE]).text).response.output;
    const two = outputOf(
      call({ id: "a", function: { name: "f", arguments: "{}" } }),
      call({ id: "b", function: { name: "g", arguments: "{}" } }),
    );
    expect(two.map(({ name }: { name: string }) => name)).toEqual(["f", "g"]);
    const one = outputOf(
      call({ id: "a", function: { name: "f", arguments: "{" } }),
      call({ id: "a", function: { name: "f", arguments: "}" } }),
    );
    expect(one).toMatchObject([{ call_id: "a", arguments: "{}" }]);
    const none = outputOf(call({ function: { name: "f", arguments: "{}" } }));
    expect(none).toMatchObject([{ call_id: `call_${REQUEST}0` }]);
  });

  it("gives up on arguments that belong to no call", () => {
    expect(() => told([ROLE, chunk({ tool_calls: [{ index: 0, function: { arguments: "{}" } }] })])).toThrow(Fault);
    const call = (index: number, more: object) => chunk({ tool_calls: [{ index, ...more }] });
    const late = [
      call(0, { id: "a", function: { name: "f" } }),
      call(1, { id: "b", function: { name: "g" } }),
      call(0, { function: { arguments: "{}" } }),
    ];
    expect(() => told([ROLE, ...late])).toThrow(Fault);
  });

  it("keeps no more than it may", () => {
    const big = chunk({ content: "x".repeat(BOUNDS.replyFrameBytesMax - 1_000) });
    expect(() => told([ROLE, big, big, big, big, big])).toThrow(Fault);
  });

  it("tells a break with what has been said so far", () => {
    const { text, stream } = told([ROLE, chunk({ content: "half" })]);
    expect(stream.failure?.fault.fault).toBe("engine_failed");
    const last = lastOf(text + stream.brokenOff(new Fault("engine_failed")).toString());
    expect(last).toMatchObject({
      type: "response.failed",
      sequence_number: eventsIn(text).length,
      response: {
        status: "failed",
        error: { code: "server_error", message: "The model failed to answer. Retry." },
        output: [{ status: "incomplete", content: [{ text: "half" }] }],
      },
    });
    expect(stream.failure).toBe(stream.failure);
  });

  it("passes a refusal on under the caller's names, with nothing said before", () => {
    const call = callOf({});
    const answer = new ResponseAnswer({ call, request: REQUEST, chat: new JsonReply(toChat(call), REQUEST, "tiny") });
    answer.head(400, {});
    answer.push(Buffer.from('{"error":{"message":"max_tokens must be at least 1","param":"max_tokens","code":400}}'));
    expect(answer.end()).toBeUndefined();
    expect(answer.failure?.fault.param).toBe("max_output_tokens");
    expect(answer.failure).toBe(answer.failure);
  });
});

describe("ResponseAnswer", () => {
  function whole(message: object, more: object = {}): Shown {
    const call = callOf({ temperature: 0.5, tools: [{ type: "function", name: "f" }] });
    const answer = new ResponseAnswer({ call, request: REQUEST, chat: new JsonReply(toChat(call), REQUEST, "tiny") });
    answer.head(200, { "content-type": "application/json" });
    const body = {
      id: "x",
      object: "chat.completion",
      created: 1,
      model: "tiny",
      choices: [{ index: 0, message, logprobs: null, finish_reason: "stop", ...more }],
      usage: { prompt_tokens: 5, completion_tokens: 2 },
    };
    expect(answer.push(Buffer.from(JSON.stringify(body)))).toBeUndefined();
    return JSON.parse(answer.end()?.toString() ?? "null");
  }

  it("is the same Response in one piece", () => {
    const response = whole({
      role: "assistant",
      content: "Hallo",
      refusal: null,
      reasoning: "hm",
      tool_calls: [{ id: "call_a", type: "function", function: { name: "f", arguments: "{}" } }],
    });
    expect(response).toMatchObject({
      id: `resp_${REQUEST}`,
      object: "response",
      created_at: 1_795_353_600,
      status: "completed",
      store: false,
      temperature: 0.5,
      top_p: null,
      tools: [{ name: "f" }],
      usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 },
    });
    expect(response.output.map(({ type }: { type: string }) => type)).toEqual(["reasoning", "message", "function_call"]);
  });

  it("says what was cut, and has a message where nothing was said", () => {
    expect(whole({ content: "x" }, { finish_reason: "length" })).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: [{ status: "incomplete" }],
    });
    expect(whole({ content: null }).output).toMatchObject([{ type: "message", content: [{ text: "" }] }]);
  });
});
