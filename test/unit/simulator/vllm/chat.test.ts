import { describe, expect, it } from "vitest";
import { CHAT, CHAT_LOGPROBS, CHAT_TOOLS_NAMED } from "../recorded.ts";
import { ask, chat, parsed, shape, user, vllm } from "../support.ts";

const WEATHER = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: { city: { enum: ["Oslo", "Rome"] }, n: { type: "integer", minimum: 2 } },
      required: ["city", "n"],
    },
  },
} as const;

describe("a whole chat", () => {
  it("has the members of the recorded one, in their order", async () => {
    const got = await chat(await vllm(), "hello world", { max_tokens: 8 });
    expect([got.status, got.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(shape(JSON.parse(got.text))).toEqual(shape(JSON.parse(CHAT)));
    expect(parsed(got.text).usage).toMatchObject({ completion_tokens: 8 });
    expect(parsed(got.text).choices?.[0]?.finish_reason).toBe("length");
  });

  it("has log probabilities as recorded", async () => {
    const got = await chat(await vllm(), "hello world", { max_tokens: 3, logprobs: true, top_logprobs: 2 });
    expect(shape(JSON.parse(got.text))).toEqual(shape(JSON.parse(CHAT_LOGPROBS)));
  });

  it("says the same again, and something else under another seed", async () => {
    const simulator = await vllm();
    const said = async (more = {}) => parsed((await chat(simulator, "hello", more)).text).choices?.[0]?.message?.content;
    expect(await said()).toBe(await said());
    expect(await said()).not.toBe(await said({ seed: 9 }));
  });

  it("obeys directives, stop strings and n", async () => {
    const simulator = await vllm();
    const choices = async (content: string, more = {}) =>
      parsed((await chat(simulator, content, more)).text).choices?.map((choice) => [
        choice.message?.content,
        choice.finish_reason,
        choice.stop_reason,
      ]);
    expect(await choices("[[say:Grüße]]")).toEqual([["Grüße", "stop", null]]);
    expect(await choices("[[echo]] as it is")).toEqual([["as it is", "stop", null]]);
    expect(await choices("[[say:one two]]", { stop: " two" })).toEqual([["one", "stop", " two"]]);
    expect(new Set((await choices("hello", { n: 3, temperature: 1 }))?.map(([text]) => text)).size).toBe(3);
  });

  it("takes its id from the caller's header", async () => {
    const simulator = await vllm();
    const headers = { "x-request-id": "abc" };
    const got = await ask(`${simulator.url}/v1/chat/completions`, { body: { messages: user("x") }, headers });
    expect(parsed(got.text).id).toBe("chatcmpl-abc");
    expect(parsed((await chat(simulator, "x")).text).id).toMatch(/^chatcmpl-[0-9a-f]{16}$/);
  });

  it("reports the cached prefix", async () => {
    const simulator = await vllm();
    await chat(simulator, "hello world ".repeat(20));
    const usage = parsed((await chat(simulator, "hello world ".repeat(20))).text).usage;
    expect(usage).toMatchObject({ prompt_tokens_details: { cached_tokens: expect.any(Number) } });
    expect(JSON.stringify(usage)).not.toContain('"cached_tokens":0');
  });

  it("calls the named tool with the smallest arguments that fit", async () => {
    const simulator = await vllm();
    const got = await chat(simulator, "hello", { tools: [WEATHER], tool_choice: { type: "function", function: { name: "get_weather" } } });
    expect(shape(JSON.parse(got.text))).toEqual(shape(JSON.parse(CHAT_TOOLS_NAMED)));
    const choice = parsed(got.text).choices?.[0];
    expect(choice?.finish_reason).toBe("stop");
    expect(JSON.parse(choice?.message?.tool_calls?.[0]?.function.arguments ?? "")).toEqual({ city: "Oslo", n: 2 });
  });

  it("ends tool_calls when it had to call or chose to; a call cut short is content", async () => {
    const simulator = await vllm();
    const choice = async (more: Record<string, unknown>, content = "hello") =>
      parsed((await chat(simulator, content, { tools: [WEATHER], ...more })).text).choices?.[0];
    expect((await choice({ tool_choice: "required" }))?.finish_reason).toBe("tool_calls");
    expect((await choice({ tool_choice: "auto" }))?.finish_reason).toBe("tool_calls");
    expect((await choice({}, "[[say:no]]"))?.message).toMatchObject({ content: "no" });
    const cut = await choice({ tool_choice: "required", max_tokens: 9 });
    expect(cut).toMatchObject({ finish_reason: "length", message: { content: expect.stringContaining("<tool_call>") } });
    expect(cut?.message?.tool_calls).toBeUndefined();
  });

  it("keeps to a JSON schema", async () => {
    const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };
    const got = await chat(await vllm(), "[[say:no]]", { response_format: { type: "json_schema", json_schema: { name: "x", schema } } });
    expect(parsed(got.text).choices?.[0]?.message?.content).toBe('{"ok":true}');
  });
});
