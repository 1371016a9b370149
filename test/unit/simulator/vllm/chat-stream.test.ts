import { describe, expect, it } from "vitest";
import { CHAT_STREAM, CHAT_STREAM_FORCED, CHAT_STREAM_LOGPROBS, CHAT_STREAM_TOOLS, CHAT_STREAM_USAGE } from "../recorded.ts";
import { chat, frames, payloads, shape, streamed, vllm } from "../support.ts";

const shapes = (texts: readonly (string | undefined)[]) => texts.map((text) => shape(JSON.parse(text ?? "")));

describe("a streamed chat", () => {
  it("has frames as recorded: role, text, finish on the last token, [DONE]", async () => {
    const got = await chat(await vllm({ promptTokensDetails: false }), "hello world", { max_tokens: 8, stream: true });
    const sent = payloads(got.text);
    expect(got.rawHeaders.filter((_, index) => index % 2 === 0)).toEqual(["date", "server", "content-type", "vary", "transfer-encoding"]);
    expect(sent).toHaveLength(10);
    expect(sent.at(-1)).toBe("[DONE]");
    expect(shapes([sent[0], sent[1], sent.at(-2)])).toEqual(shapes(CHAT_STREAM));
  });

  it("has a usage frame of its own when asked", async () => {
    const got = await chat(await vllm({ promptTokensDetails: false }), "hello world", {
      max_tokens: 8,
      stream: true,
      stream_options: { include_usage: true },
    });
    const sent = payloads(got.text);
    expect(shapes([sent[0], sent[1], sent.at(-3), sent.at(-2)])).toEqual(shapes(CHAT_STREAM_USAGE));
    expect(frames(got.text).at(-1)?.usage).toMatchObject({ completion_tokens: 8 });
  });

  it("has usage in every frame under the flag that forces it", async () => {
    const got = await chat(await vllm({ forceIncludeUsage: true }), "hello world", { max_tokens: 8, stream: true });
    const sent = payloads(got.text);
    expect(shapes([sent[0], sent[1], sent.at(-2)])).toEqual(shapes(CHAT_STREAM_FORCED));
    expect(frames(got.text).map(({ usage }) => usage?.["completion_tokens"])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 8]);
  });

  it("has log probabilities as recorded", async () => {
    const got = await chat(await vllm(), "hello world", { max_tokens: 3, stream: true, logprobs: true, top_logprobs: 2 });
    expect(shapes([payloads(got.text)[1]])).toEqual(shapes(CHAT_STREAM_LOGPROBS));
  });

  it("spells a tool call out in deltas as recorded", async () => {
    const tool = {
      type: "function",
      function: { name: "get_weather", parameters: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] } },
    };
    const choice = { type: "function", function: { name: "get_weather" } };
    const got = await chat(await vllm({ forceIncludeUsage: true }), "hello", { stream: true, tools: [tool], tool_choice: choice });
    const sent = payloads(got.text);
    expect(shapes([sent[0], sent[1], sent[2], sent.at(-3), sent.at(-2)])).toEqual(shapes(CHAT_STREAM_TOOLS));
    const calls = frames(got.text).flatMap(({ choices = [] }) => choices.flatMap(({ delta }) => delta?.tool_calls ?? []));
    expect(calls.map((call) => call.function["arguments"] ?? "").join("")).toBe('{"n":0}');
  });

  it("says what the whole answer says, whatever a frame holds", async () => {
    for (const tokensPerFrame of [1, 3]) {
      const simulator = await vllm({ tokensPerFrame });
      const whole = JSON.parse((await chat(simulator, "hello")).text).choices[0].message.content;
      const got = await chat(simulator, "hello", { stream: true });
      expect(streamed(got.text)).toBe(whole);
      expect(frames(got.text).at(-1)?.choices?.[0]?.finish_reason).toBe("stop");
    }
  });

  it("finishes in a frame of its own after a stop string", async () => {
    const got = await chat(await vllm(), "[[say:one two three]]", { stream: true, stop: [" two"] });
    expect(streamed(got.text)).toBe("one");
    const last = frames(got.text).at(-1)?.choices?.[0];
    expect(last).toMatchObject({ finish_reason: "stop", stop_reason: " two" });
    expect(last?.delta).toEqual({});
  });

  it("streams n answers side by side, each with its role and its finish", async () => {
    const got = await chat(await vllm(), "hello", { stream: true, n: 2, max_tokens: 3 });
    const choices = frames(got.text).flatMap(({ choices = [] }) => choices);
    expect(choices.slice(0, 2).map(({ index }) => index)).toEqual([0, 1]);
    expect([0, 1].map((part) => choices.filter(({ index }) => index === part).length)).toEqual([4, 4]);
    expect(choices.filter(({ finish_reason }) => finish_reason === "length").map(({ index }) => index)).toEqual([0, 1]);
  });
});
