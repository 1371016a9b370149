import { describe, expect, it } from "vitest";
import { engines } from "../../../src/backends/index.ts";
import { ENGINES } from "../../../src/domain/fleet.ts";
import { engineContract, type EngineFixture } from "../../contract/engine.ts";
import { type Transcript, vllmTranscript } from "../../fixtures/engines/read.ts";
import { backendOf, callOf, chat, REQUEST } from "./support.ts";

const all = engines();
const backend = backendOf("vllm");
const withUsage = { stream: true, stream_options: { include_usage: true } };
const answer = (name: string): Transcript => vllmTranscript(name);

/** vLLM when its engine process dies under a stream: an error in a frame, and then [DONE] as if nothing had been. */
function dyingStream(): Transcript {
  const good = answer("a_chat_stream_usage");
  const frames = good.body.toString("utf8").split("\n\n").slice(0, 3).join("\n\n");
  const error =
    'data: {"error": {"message": "EngineCore encountered an issue.", "type": "InternalServerError", "param": null, "code": 500}}';
  return { ...good, body: Buffer.from(`${frames}\n\n${error}\n\ndata: [DONE]\n\n`) };
}

/** A stream that ends cleanly in the middle. */
function cutStream(): Transcript {
  const good = answer("a_chat_stream");
  return { ...good, body: Buffer.from(`${good.body.toString("utf8").split("\n\n").slice(0, 4).join("\n\n")}\n\n`) };
}

const TEXT = " storysro,i g see";
const chats: EngineFixture[] = [
  { name: "chat", call: chat(), answer: answer("a_chat"), expect: { text: TEXT, finished: true, promptTokens: 17, completionTokens: 8 } },
  {
    name: "streamed, usage not asked for",
    call: chat({ stream: true }),
    answer: answer("a_chat_stream_usage"),
    expect: { text: TEXT, finished: true, promptTokens: 17, completionTokens: 8 },
  },
  {
    name: "streamed with usage",
    call: chat(withUsage),
    answer: answer("a_chat_stream_usage"),
    expect: { text: TEXT, finished: true, completionTokens: 8 },
  },
  { name: "two choices, streamed", call: chat({ stream: true, n: 2 }), answer: answer("a_chat_stream_n2"), expect: { finished: true } },
  { name: "a tool call", call: chat(), answer: answer("b_chat_tools_named"), expect: { finished: true } },
  { name: "a tool call, streamed", call: chat({ stream: true }), answer: answer("b_chat_stream_tools_named"), expect: { finished: true } },
];

const others: EngineFixture[] = [
  {
    name: "completion",
    call: callOf("completions", { model: "acme/small", prompt: "hello world" }),
    answer: answer("a_comp"),
    expect: { finished: true },
  },
  {
    name: "completion, streamed with usage",
    call: callOf("completions", { model: "acme/small", prompt: "hello world", ...withUsage }),
    answer: answer("a_comp_stream_usage"),
    expect: { finished: true, promptTokens: 4, completionTokens: 8 },
  },
  {
    name: "embedding",
    call: callOf("embeddings", { model: "acme/small", input: "hello world", encoding_format: "base64" }),
    answer: answer("embed_base64"),
    expect: { finished: true },
  },
  {
    name: "tokenize",
    call: callOf("tokenize", { model: "acme/small", messages: [{ role: "user", content: "hello world" }] }),
    answer: answer("a_tokenize_chat"),
    expect: { finished: true },
  },
];

const failures: EngineFixture[] = [
  { name: "full queue", call: chat(), answer: answer("overload_11"), expect: { fault: "engine_overloaded", elsewhere: true, sick: false } },
  {
    name: "full queue, told inside a stream",
    call: chat({ stream: true }),
    answer: answer("overload_10"),
    expect: { fault: "engine_overloaded", elsewhere: true, sick: false },
  },
  { name: "unknown model", call: chat(), answer: answer("a_err_unknown_model"), expect: { fault: "engine_failed", elsewhere: true } },
  {
    name: "wrong credential",
    call: chat({ stream: true }),
    answer: answer("auth_none"),
    expect: { fault: "engine_failed", elsewhere: true, sick: true },
  },
  {
    name: "bad value",
    call: chat(),
    answer: answer("a_err_temp_negative"),
    expect: { fault: "engine_refused", elsewhere: false, sick: false },
  },
  {
    name: "engine dies under a stream",
    call: chat({ stream: true }),
    answer: dyingStream(),
    expect: { fault: "engine_failed", elsewhere: false, sick: true, finished: false },
  },
  {
    name: "a clean end in the middle",
    call: chat({ stream: true }),
    answer: cutStream(),
    expect: { fault: "engine_failed", elsewhere: false, finished: false },
  },
];

engineContract({ engine: all.vllm, backend, request: REQUEST }, [...chats, ...others, ...failures]);

describe("each kind", () => {
  it.each(ENGINES)("%s has its engine", (kind) => {
    expect(all[kind].kind).toBe(kind);
  });

  it.each(["vllm", "sglang", "tgi", "llamacpp", "ollama", "openai"] as const)("%s takes chat at OpenAI's route", (kind) => {
    const at = backendOf(kind);
    expect(all[kind].accepts(chat(), at)).toBeUndefined();
    expect(all[kind].outbound(chat(), at, REQUEST)).toMatchObject({ path: "/v1/chat/completions", comesWhole: true });
    expect(all[kind].outbound(chat({ stream: true }), at, REQUEST).comesWhole).toBe(false);
  });

  it("only vLLM tokenizes, at its own route", () => {
    const call = callOf("tokenize", { model: "acme/small", prompt: "x" });
    expect(all.vllm.outbound(call, backend, REQUEST).path).toBe("/tokenize");
    for (const kind of ["sglang", "tgi", "llamacpp", "ollama", "openai"] as const) {
      expect(all[kind].accepts(call, backendOf(kind))?.fault).toBe("unsupported_parameter");
      expect(() => all[kind].outbound(call, backendOf(kind), REQUEST)).toThrow("no route");
    }
  });

  it("a model that is not served is none", () => {
    expect(all.vllm.accepts(chat(), { ...backend, models: new Map() })?.fault).toBe("model_not_found");
  });
});

describe("members that steer the engine", () => {
  it.each([
    ["vllm", "kv_transfer_params"],
    ["vllm", "priority"],
    ["vllm", "request_id"],
    ["sglang", "bootstrap_host"],
    ["llamacpp", "id_slot"],
  ] as const)("%s: %s is refused by name", (kind, name) => {
    expect(all[kind].accepts(chat({ [name]: 0 }), backendOf(kind))).toMatchObject({ fault: "unsupported_parameter", param: name });
    expect(all.openai.accepts(chat({ [name]: 0 }), backendOf("openai"))).toBeUndefined();
  });
});
