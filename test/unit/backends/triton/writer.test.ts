import { describe, expect, it } from "vitest";
import { DONE, Writer } from "../../../../src/backends/triton/writer.ts";
import { requestId } from "../../../../src/domain/ids.ts";
import { envelopeOf } from "../../../../src/openai/envelope.ts";
import { newObserved } from "../../../../src/openai/usage-tap.ts";
import { callOf, chat, REQUEST } from "../support.ts";

const CREATED_S = 1_795_353_600;
const completion = (more: object = {}) => callOf("completions", { model: "acme/small", prompt: "x", ...more });
const writerOf = (call = chat(), request = REQUEST) => new Writer(call, request, envelopeOf(call, request, "vllm_model"));
const seen = (reported: ReturnType<typeof newObserved>["reported"]) => ({ ...newObserved(), reported });
const COUNTED = seen({ promptTokens: 3, cachedTokens: undefined, completionTokens: 4 });

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
    expect(frame(writer.opening())).toEqual(choice({ role: "assistant", content: "" }, null));
    expect(frame(writer.text('a"\n🚀'))).toEqual(choice({ content: 'a"\n🚀' }, null));
    expect(frame(writer.finish("stop"))).toEqual(choice({}, "stop"));
    expect(DONE).toBe("data: [DONE]\n\n");
  });

  it("of a completion has text and no opening", () => {
    const writer = writerOf(completion());
    expect(writer.opening()).toBe("");
    expect(frame(writer.text("a"))).toMatchObject({ object: "text_completion", choices: [{ text: "a", finish_reason: null }] });
    expect(frame(writer.finish("length"))).toMatchObject({ choices: [{ text: "", finish_reason: "length" }] });
  });

  it("says in every chunk that there is no usage yet, where usage was asked for", () => {
    const writer = writerOf(chat({ stream: true, stream_options: { include_usage: true } }));
    for (const text of [writer.opening(), writer.text("a"), writer.finish("stop")]) expect(frame(text)).toMatchObject({ usage: null });
    expect(frame(writer.usage(COUNTED))).toMatchObject({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } });
    expect(frame(writerOf().text("a"))).not.toHaveProperty("usage");
  });

  it("has no usage frame where the engine stated none: no number is made up", () => {
    for (const reported of [undefined, { promptTokens: 3, cachedTokens: undefined, completionTokens: undefined }])
      expect(writerOf().usage(seen(reported))).toBe("");
  });
});

describe("a whole answer", () => {
  it("is one body of its kind", () => {
    expect(JSON.parse(writerOf().whole("hi", "stop", COUNTED))).toEqual({
      id: `chatcmpl-${REQUEST}`,
      object: "chat.completion",
      created: CREATED_S,
      model: "acme/small",
      choices: [{ index: 0, message: { role: "assistant", content: "hi", refusal: null }, logprobs: null, finish_reason: "stop" }],
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    });
    const plain = JSON.parse(writerOf(completion()).whole("hi", "length", newObserved()));
    expect(plain).toMatchObject({ id: `cmpl-${REQUEST}`, object: "text_completion", choices: [{ text: "hi", finish_reason: "length" }] });
    expect(plain).not.toHaveProperty("usage");
  });

  it("was created when its request id says, or at the epoch where it says nothing", () => {
    expect(JSON.parse(writerOf(chat(), requestId("x".repeat(32))).whole("", "stop", COUNTED)).created).toBe(0);
  });
});
