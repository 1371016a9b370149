import { describe, expect, it } from "vitest";
import { Fault } from "../../../../src/faults.ts";
import { chatMessages } from "../../../../src/openai/responses/messages.ts";
import { toChat } from "../../../../src/openai/responses/to-chat.ts";
import { FailureInWords, inResponsesWords } from "../../../../src/openai/responses/words.ts";
import { ALIAS, callOf, chatOf } from "./support.ts";

describe("toChat", () => {
  it("says the same to a chat", () => {
    const schema = { type: "object", properties: {} };
    expect(
      chatOf({
        instructions: "Be brief.",
        input: "Grüße \u{1f6a2} \\u0041",
        max_output_tokens: 9,
        temperature: 0.5,
        top_p: 0.9,
        reasoning: { effort: "low" },
        text: { verbosity: "low", format: { type: "json_schema", name: "s", schema, strict: true } },
        include: ["message.output_text.logprobs"],
        top_logprobs: 3,
        user: "u",
        top_k: 40,
        chat_template_kwargs: { thinking: false },
        metadata: { a: "b" },
        store: false,
        service_tier: "auto",
        prompt_cache_key: "k",
        safety_identifier: "i",
        truncation: "auto",
        stream: true,
      }),
    ).toEqual({
      model: ALIAS.name,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Grüße \u{1f6a2} \\u0041" },
      ],
      max_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      reasoning_effort: "low",
      verbosity: "low",
      response_format: { type: "json_schema", json_schema: { name: "s", schema, strict: true } },
      logprobs: true,
      top_logprobs: 3,
      user: "u",
      top_k: 40,
      chat_template_kwargs: { thinking: false },
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it("asks for nothing that was not asked", () => {
    expect(chatOf({})).toEqual({ model: ALIAS.name, messages: [{ role: "user", content: "hi" }] });
    expect(chatOf({ text: { format: { type: "text" } }, top_logprobs: 2 })).toEqual(chatOf({}));
    expect(chatOf({ text: { format: { type: "json_object" } } })["response_format"]).toEqual({ type: "json_object" });
  });

  it("makes one message of what an assistant said and called", () => {
    const input = [
      { role: "user", content: [{ type: "input_text", text: "a" }] },
      { type: "reasoning", id: "rs", summary: [] },
      { role: "assistant", content: [{ type: "output_text", text: "b" }] },
      { type: "function_call", call_id: "1", name: "f", arguments: '{"x":1}' },
      { type: "function_call", call_id: "2", name: "g", arguments: "{}" },
      { type: "function_call_output", call_id: "1", output: "r" },
      { type: "function_call_output", call_id: "2", output: [{ type: "input_text", text: "s" }] },
      { type: "function_call", call_id: "3", name: "f", arguments: "{}" },
      { role: "assistant", content: "c" },
      { role: "assistant", content: [{ type: "refusal", refusal: "no" }] },
    ];
    const call = (id: string, name: string, args: string): object => ({ id, type: "function", function: { name, arguments: args } });
    expect(chatOf({ input })["messages"]).toEqual([
      { role: "user", content: "a" },
      { role: "assistant", content: "b", tool_calls: [call("1", "f", '{"x":1}'), call("2", "g", "{}")] },
      { role: "tool", tool_call_id: "1", content: "r" },
      { role: "tool", tool_call_id: "2", content: "s" },
      { role: "assistant", content: null, tool_calls: [call("3", "f", "{}")] },
      { role: "assistant", content: "c" },
      { role: "assistant", content: "no" },
    ]);
  });

  it("keeps parts where there are several, images and sounds among them", () => {
    const url = "data:image/png;base64,AA";
    const input_audio = { data: "AA", format: "wav" };
    const content = [
      { type: "input_text", text: "a" },
      { type: "input_image", image_url: url, detail: "low" },
      { type: "input_audio", input_audio },
    ];
    expect(chatOf({ input: [{ role: "user", content }] })["messages"]).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "image_url", image_url: { url, detail: "low" } },
          { type: "input_audio", input_audio },
        ],
      },
    ]);
    expect(chatOf({ input: [{ role: "user", content: [] }] })["messages"]).toEqual([{ role: "user", content: "" }]);
  });

  it("is a call of its own, of the same tenant", () => {
    const call = { ...callOf({ stream: true }), cacheSalt: "salt" };
    const chat = toChat(call);
    expect(chat).toMatchObject({ capability: "chat", wire: "chat", stream: true, includeUsage: true, cacheSalt: "salt" });
    expect(chat.body.toString("utf8", chat.closeAt)).toBe("}");
    expect(chat.fields.has("messages")).toBe(true);
  });

  it("copies texts as they lie there", () => {
    const body = Buffer.from('"a\\u00e9"');
    expect(chatMessages(body, undefined, { start: 0, end: body.length }).toString()).toBe('[{"role":"user","content":"a\\u00e9"}]');
  });
});

describe("inResponsesWords", () => {
  it.each([
    ["messages[0].content", "input"],
    ["max_tokens", "max_output_tokens"],
    ["max_completion_tokens", "max_output_tokens"],
    ["response_format.json_schema.schema", "text.format.schema"],
    ["reasoning_effort", "reasoning.effort"],
    ["tools[2].function.parameters", "tools[2].parameters"],
    ["temperature", "temperature"],
  ])("calls %s %s", (param, renamed) => {
    const fault = new Fault("engine_refused", { param, text: `Invalid '${param}'.`, retryAfterMs: 5 });
    const told = inResponsesWords(fault);
    expect([told.param, told.message, told.retryAfterMs]).toEqual([renamed, `Invalid '${renamed}'.`, 5]);
  });

  it("leaves what names no parameter, and tells a failure once", () => {
    const fault = new Fault("engine_failed");
    expect(inResponsesWords(fault)).toBe(fault);
    const words = new FailureInWords();
    expect(words.of({ failure: undefined })).toBeUndefined();
    const failure = { fault, elsewhere: true, sick: true };
    expect(words.of({ failure })).toBe(words.of({ failure }));
  });
});
