import { describe, expect, it } from "vitest";
import { Choice } from "../../../../src/backends/triton/choice.ts";
import { DONE, Writer } from "../../../../src/backends/triton/writer.ts";
import { requestId } from "../../../../src/domain/ids.ts";
import { envelopeOf } from "../../../../src/openai/envelope.ts";
import { newObserved } from "../../../../src/openai/usage-tap.ts";
import { callOf, chat, REQUEST } from "../support.ts";
import { PLAN } from "./support.ts";

const CREATED_S = 1_795_353_600;
const completion = (more: object = {}) => callOf("completions", { model: "acme/small", prompt: "x", ...more });
const writerOf = (call = chat(), request = REQUEST) => new Writer(call, request, envelopeOf(call, request, "vllm_model"));
const seen = (reported: ReturnType<typeof newObserved>["reported"]) => ({ ...newObserved(), reported });
const COUNTED = seen({ promptTokens: 3, cachedTokens: undefined, completionTokens: 4 });

/** A choice that has ended. */
function ended(text: string, reason: string, index = 0): Choice {
  const choice = new Choice(index, PLAN);
  choice.text = text;
  choice.end(reason);
  return choice;
}

function frame(text: string): Readonly<Record<string, unknown>> {
  expect([text.startsWith("data: "), text.endsWith("\n\n")]).toEqual([true, true]);
  return JSON.parse(text.slice("data: ".length));
}

describe("a stream", () => {
  it("of a chat begins with the role, goes on with content, and ends with the reason", () => {
    const writer = writerOf();
    const common = { id: `chatcmpl-${REQUEST}`, object: "chat.completion.chunk", created: CREATED_S, model: "acme/small" };
    const choice = (delta: object, finish_reason: string | null) => ({
      ...common,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    });
    expect(frame(writer.opening(0))).toEqual(choice({ role: "assistant", content: "" }, null));
    expect(frame(writer.text(0, 'a"\n🚀', "null"))).toEqual(choice({ content: 'a"\n🚀' }, null));
    expect(frame(writer.finish(0, "stop"))).toEqual(choice({}, "stop"));
    expect(DONE).toBe("data: [DONE]\n\n");
  });

  it("of a completion has text and no opening", () => {
    const writer = writerOf(completion());
    expect(writer.opening(0)).toBe("");
    expect(frame(writer.text(0, "a", "null"))).toMatchObject({ object: "text_completion", choices: [{ text: "a", finish_reason: null }] });
    expect(frame(writer.finish(0, "length"))).toMatchObject({ choices: [{ text: "", finish_reason: "length" }] });
  });

  it("says in every chunk that there is no usage yet, where usage was asked for", () => {
    const writer = writerOf(chat({ stream: true, stream_options: { include_usage: true } }));
    for (const text of [writer.opening(0), writer.text(0, "a", "null"), writer.finish(0, "stop")])
      expect(frame(text)).toMatchObject({ usage: null });
    expect(frame(writer.usage(COUNTED))).toMatchObject({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } });
    expect(frame(writerOf().text(0, "a", "null"))).not.toHaveProperty("usage");
  });

  it("of several choices says which one goes on, and numbers the calls of each", () => {
    const writer = writerOf();
    expect(frame(writer.text(1, "a", "null"))).toMatchObject({ choices: [{ index: 1 }] });
    const calls = [
      { name: "f", arguments: "{}" },
      { name: "g", arguments: "[]" },
    ];
    const parts = JSON.parse(JSON.stringify(frame(writer.calls(1, calls, 2)))).choices[0].delta.tool_calls;
    expect(parts.map(({ index, function: called }: { index: number; function: { name: string } }) => [index, called.name])).toEqual([
      [2, "f"],
      [3, "g"],
    ]);
    expect(new Set(parts.map(({ id }: { id: string }) => id)).size).toBe(2);
  });

  it("has no usage frame where the engine stated none: no number is made up", () => {
    for (const reported of [undefined, { promptTokens: 3, cachedTokens: undefined, completionTokens: undefined }])
      expect(writerOf().usage(seen(reported))).toBe("");
  });
});

describe("a whole answer", () => {
  it("is one body of its kind", () => {
    expect(JSON.parse(writerOf().whole([ended("hi", "stop")], COUNTED, undefined))).toEqual({
      id: `chatcmpl-${REQUEST}`,
      object: "chat.completion",
      created: CREATED_S,
      model: "acme/small",
      choices: [{ index: 0, message: { role: "assistant", content: "hi", refusal: null }, logprobs: null, finish_reason: "stop" }],
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    });
    const plain = JSON.parse(writerOf(completion()).whole([ended("hi", "length")], newObserved(), undefined));
    expect(plain).toMatchObject({ id: `cmpl-${REQUEST}`, object: "text_completion", choices: [{ text: "hi", finish_reason: "length" }] });
    expect(plain).not.toHaveProperty("usage");
  });

  it("holds several choices, calls of tools, and log probabilities where they were asked for", () => {
    const calling = ended("", "stop", 1);
    calling.calls.push({ name: "f", arguments: "{}" });
    const { choices } = JSON.parse(writerOf().whole([ended("hi", "stop"), calling], COUNTED, undefined));
    expect(choices[0].message).not.toHaveProperty("tool_calls");
    expect(choices[1]).toMatchObject({
      index: 1,
      message: {
        content: null,
        tool_calls: [{ id: expect.stringMatching(/^[a-z0-9]{9}$/), type: "function", function: { name: "f", arguments: "{}" } }],
      },
    });
    const counted = ended(" a", "stop");
    counted.logprobs.push([{ token: " a", logprob: -1 }]);
    expect(JSON.parse(writerOf().whole([counted], COUNTED, 0)).choices[0].logprobs.content).toMatchObject([
      { token: " a", top_logprobs: [] },
    ]);
    expect(JSON.parse(writerOf(completion()).whole([counted], COUNTED, 1)).choices[0].logprobs.tokens).toEqual([" a"]);
  });

  it("was created when its request id says, or at the epoch where it says nothing", () => {
    expect(JSON.parse(writerOf(chat(), requestId("x".repeat(32))).whole([ended("", "stop")], COUNTED, undefined)).created).toBe(0);
  });
});
