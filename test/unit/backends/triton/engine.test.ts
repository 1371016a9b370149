import { describe, expect, it } from "vitest";
import { TritonEngine } from "../../../../src/backends/triton/engine.ts";
import { engineContract, type EngineFixture } from "../../../contract/engine.ts";
import { tritonAnswer, tritonTranscript, type Transcript } from "../../../fixtures/engines/read.ts";
import { asking, backendOf, callOf, chat, MODEL, REQUEST } from "../support.ts";
import { changed, configOf, DECLARED, seen } from "./support.ts";

const { engine, backend } = await seen("vllm_model");
const declared = { triton: { ...DECLARED, kind: "vllm" } } as const;
const sent = (call = chat()) => JSON.parse(engine.outbound(call, backend, REQUEST).body?.toString("utf8") ?? "");
const refusal = (more: object) => engine.accepts(chat(more), backend);

const FULL = tritonTranscript("07-generate-stream", "vllm style: full set of returns");
const frames = (...lines: object[]): Transcript => ({
  ...FULL,
  body: Buffer.from(lines.map((line) => `data: ${JSON.stringify(line)}\n\n`).join("")),
});
const UNICODE = tritonTranscript("07-generate-stream", "unicode in frames");
const FINISHED: Transcript = { ...UNICODE, body: Buffer.concat([UNICODE.body, frames({ finish_reason: "stop", text_output: "" }).body]) };
const WELL = { finished: true, promptTokens: 1, completionTokens: 4, text: " at a serves a" };
const completion = (more: object = {}) => callOf("completions", { model: "acme/small", prompt: "hello", ...more });

const fixtures: EngineFixture[] = [
  { name: "chat", call: chat(), answer: FULL, expect: WELL },
  { name: "chat, streamed", call: chat({ stream: true }), answer: FULL, expect: WELL },
  { name: "chat, streamed with usage", call: chat({ stream: true, stream_options: { include_usage: true } }), answer: FULL, expect: WELL },
  {
    name: "chat, streamed with log probabilities",
    call: chat({ stream: true, logprobs: true, top_logprobs: 1 }),
    answer: tritonAnswer("34-stream-vllm-logprobs"),
    expect: { finished: true, text: " at a serves", completionTokens: 3 },
  },
  { name: "completion", call: completion(), answer: FULL, expect: WELL },
  { name: "completion, streamed", call: completion({ stream: true }), answer: FULL, expect: WELL },
  {
    name: "text beyond ASCII, streamed",
    call: chat({ stream: true }),
    answer: FINISHED,
    expect: { text: "Grüße 世界 🚀 a\nb\n\ndata: x" },
  },
  { name: "text beyond ASCII", call: chat(), answer: FINISHED, expect: { text: "Grüße 世界 🚀 a\nb\n\ndata: x" } },
  {
    name: "a clean end without a finish reason",
    call: chat({ stream: true }),
    answer: UNICODE,
    expect: { finished: false, fault: "engine_failed", elsewhere: false, sick: true },
  },
  { name: "the same, gathered", call: chat(), answer: UNICODE, expect: { finished: false, fault: "engine_failed", elsewhere: true } },
  {
    name: "an error after two frames",
    call: chat({ stream: true }),
    answer: tritonTranscript("07-generate-stream", "error after two tokens"),
    expect: { text: " counts low", fault: "engine_failed", elsewhere: false, sick: true },
  },
  {
    name: "an error before the first frame",
    call: chat({ stream: true }),
    answer: tritonTranscript("07-generate-stream", "error before the first token"),
    expect: { text: "", fault: "engine_failed", elsewhere: true, sick: false },
  },
  {
    name: "an unknown model",
    call: chat({ stream: true }),
    answer: tritonTranscript("07-generate-stream", "unknown model"),
    expect: { fault: "engine_failed", elsewhere: true, sick: false },
  },
  {
    name: "a full queue",
    call: chat(),
    answer: tritonTranscript("17-generate-queue-timeout", "generate_stream when the queue is full"),
    expect: { fault: "engine_overloaded", elsewhere: true, sick: false },
  },
  {
    name: "an engine that gives up",
    call: chat({ stream: true }),
    answer: frames({ text_output: "a", finish_reason: "None" }, { text_output: "", finish_reason: "abort" }),
    expect: { text: "a", fault: "engine_failed", finished: false },
  },
  {
    name: "an error in a 200 without a stream",
    call: chat(),
    answer: {
      ...FULL,
      headers: { "content-type": "application/json" },
      body: Buffer.from('{"error":"generate expects model to produce exactly 1 response"}'),
    },
    expect: { fault: "engine_failed" },
  },
];

engineContract({ engine, backend, request: REQUEST }, fixtures);

const three = (more: object = {}) => chat({ max_tokens: 3, ...more });
const STREAMED = { stream: true, stream_options: { include_usage: true } };
const TENSORRT = { finished: true, text: " at a serves", completionTokens: 3 };
const tensorrt = (answer: Transcript, promptTokens: number): EngineFixture[] => [
  { name: "TensorRT-LLM", call: three(), answer, expect: { ...TENSORRT, promptTokens } },
  { name: "TensorRT-LLM, streamed", call: three(STREAMED), answer, expect: { ...TENSORRT, promptTokens } },
  { name: "TensorRT-LLM, cut at a stop sequence", call: chat({ stop: "a s" }), answer, expect: { finished: true, text: " at " } },
  { name: "TensorRT-LLM, stopped by itself", call: chat(), answer, expect: { finished: true, text: " at a serves" } },
];

engineContract({ ...(await seen("tensorrt_llm_bls")), request: REQUEST }, [
  ...tensorrt(tritonAnswer("33-stream-bls"), 1),
  {
    name: "TensorRT-LLM that counts nothing",
    call: three({ stream: true }),
    answer: tritonTranscript("07-generate-stream", "trt-llm bls (ends with an empty final response)"),
    expect: { finished: true, text: " at a serves" },
  },
]);
engineContract({ ...(await seen("ensemble")), request: REQUEST }, [
  ...tensorrt(tritonTranscript("07-generate-stream", "trt-llm ensemble"), 5),
  {
    name: "an ensemble that fails after two tokens",
    call: chat({ stream: true }),
    answer: tritonTranscript("07-generate-stream", "ensemble: error after two tokens"),
    expect: { text: " counts", fault: "engine_failed", elsewhere: false },
  },
  {
    name: "a request that the frontend refuses",
    call: chat(),
    answer: tritonTranscript("08-errors", "trt-llm without max_tokens"),
    expect: { fault: "engine_failed", elsewhere: true, sick: false },
  },
]);
engineContract({ ...(await seen("llmapi")), request: REQUEST }, [
  { name: "LLM API", call: chat(), answer: FINISHED, expect: { finished: true, text: "Grüße 世界 🚀 a\nb\n\ndata: x" } },
  { name: "LLM API, streamed", call: chat({ stream: true, stop: "世" }), answer: FINISHED, expect: { finished: true, text: "Grüße " } },
]);

const vectors = (input: unknown, more: object = {}) => callOf("embeddings", { model: "acme/small", input, ...more });
engineContract({ ...(await seen("embed_text")), request: REQUEST }, [
  {
    name: "embeddings of texts",
    call: vectors(["hello world", "bye"]),
    answer: tritonAnswer("30-infer-embed-text"),
    expect: { finished: true, promptTokens: 3 },
  },
  {
    name: "embeddings as base64",
    call: vectors(["hello world", "bye"], { encoding_format: "base64" }),
    answer: tritonAnswer("30-infer-embed-text"),
    expect: { finished: true },
  },
  {
    name: "an encoder that fails",
    call: vectors("[[fail]]"),
    answer: tritonAnswer("32-infer-model-error"),
    expect: { fault: "engine_failed", elsewhere: true, sick: true },
  },
  {
    name: "a decoupled model",
    call: vectors("x"),
    answer: tritonTranscript("06-generate", "infer on a decoupled model"),
    expect: { fault: "engine_failed", elsewhere: true },
  },
]);
engineContract({ ...(await seen("embed_ids")), request: REQUEST }, [
  { name: "embeddings of ids", call: vectors([[1, 2, 3], [4]]), answer: tritonAnswer("31-infer-embed-ids"), expect: { finished: true } },
]);

describe("the request", () => {
  it("carries the rendered prompt and the sampling parameters as a string", () => {
    const call = chat({ temperature: 0.5, stop: "END", max_tokens: 7, seed: null, user: "u", n: 1, tools: [], logprobs: false });
    expect(engine.outbound(call, backend, REQUEST).path).toBe("/v2/models/vllm_model/generate_stream");
    const body = sent(call);
    expect(JSON.parse(body.sampling_parameters)).toEqual({ max_tokens: 7, temperature: 0.5, stop: ["END"] });
    expect({ ...body, sampling_parameters: "" }).toEqual({
      id: REQUEST,
      text_input: "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n",
      stream: true,
      exclude_input_in_output: true,
      sampling_parameters: "",
      return_finish_reason: true,
      return_num_input_tokens: true,
      return_num_output_tokens: true,
    });
  });

  it("always says how many tokens, within the model's own bound", () => {
    const tokens = (call = chat(), at = backend) =>
      JSON.parse(JSON.parse(engine.outbound(call, at, REQUEST).body?.toString() ?? "").sampling_parameters).max_tokens;
    const bounded = backendOf("triton", { ...declared, model: { ...MODEL, completionTokensMax: 100 } });
    expect(tokens()).toBe(MODEL.contextTokensMax);
    expect(tokens(chat({ max_completion_tokens: 5 }))).toBe(5);
    expect(tokens(completion())).toBe(16);
    expect(tokens(chat(), bounded)).toBe(100);
    expect(tokens(chat({ max_tokens: 500 }), bounded)).toBe(100);
  });

  it("joins text parts and takes developer for system", () => {
    const messages = [
      { role: "developer", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
    ];
    expect(sent(chat({ messages })).text_input).toBe(
      "<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nab<|im_end|>\n<|im_start|>assistant\n",
    );
  });

  it("takes one prompt as a string or as a list of one", () => {
    expect(sent(completion()).text_input).toBe("hello");
    expect(sent(completion({ prompt: ["hello"] })).text_input).toBe("hello");
  });
});

describe("what it cannot do", () => {
  it.each([
    [{ tools: [{ type: "function", function: { name: "f" } }] }, "tools"],
    [{ response_format: { type: "grammar" } }, "response_format.type"],
    [{ audio: {} }, "audio"],
    [{ logit_bias: { "1": 1 } }, "logit_bias"],
    [{ reasoning_effort: "low" }, "reasoning_effort"],
    [{ some_new_thing: 1 }, "some_new_thing"],
    [{ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:,x" } }] }] }, "messages[0].content[0].type"],
    [{ messages: [{ role: "tool", content: "x", tool_call_id: "1" }] }, "messages[0].role"],
    [{ messages: [{ role: "assistant", content: null, tool_calls: [{}] }] }, "messages[0].tool_calls"],
  ])("%j names %s", (more, param) => {
    expect(refusal(more)).toMatchObject({ fault: "unsupported_parameter", param });
  });

  it("several prompts, token ids, embeddings and tokenizing are refused", () => {
    for (const prompt of [
      ["a", "b"],
      [1, 2],
      [[1], [2]],
    ])
      expect(engine.accepts(completion({ prompt }), backend)?.fault).toBe("unsupported_parameter");
    expect(engine.accepts(callOf("embeddings", { model: "acme/small", input: "x" }), backend)?.fault).toBe("unsupported_parameter");
    expect(engine.accepts(callOf("tokenize", { model: "acme/small", prompt: "x" }), backend)?.fault).toBe("unsupported_parameter");
  });

  it("chat without a template, and names that a path cannot hold", () => {
    expect(engine.accepts(chat(), backendOf("triton", { chatTemplate: undefined }))?.param).toBe("messages");
    expect(engine.accepts(chat(), backendOf("triton", { servedName: "a/b" }))?.param).toBe("model");
    expect(engine.accepts(chat(), { ...backend, models: new Map() })?.fault).toBe("model_not_found");
  });

  it("wrong types are told with their path", () => {
    expect(refusal({ top_k: 1.5 })).toMatchObject({ fault: "invalid_type", param: "top_k" });
    expect(refusal({ stop: [1] })).toMatchObject({ fault: "invalid_type", param: "stop" });
    expect(refusal({ messages: ["x"] })).toMatchObject({ fault: "invalid_type", param: "messages[0]" });
    expect(refusal({ messages: [{ role: "user", content: 1 }] })).toMatchObject({ fault: "invalid_type", param: "messages[0].content" });
  });

  it("a template's own complaint becomes a 400 that quotes nothing", () => {
    const strict = backendOf("triton", {
      ...declared,
      chatTemplate: { source: "{{ raise_exception('saw ' + messages[0]['content']) }}", bosToken: "", eosToken: "" },
    });
    const fault = engine.accepts(chat({ messages: [{ role: "user", content: "s3cret" }] }), strict);
    expect(fault).toMatchObject({ fault: "invalid_value", param: "messages" });
    expect(`${fault?.message ?? ""}${fault?.detail ?? ""}`).not.toContain("s3cret");
  });
});

describe("the whole answer", () => {
  it("is OpenAI's, with the time of the request id", () => {
    const reply = engine.reply(chat(), backend, REQUEST);
    reply.head(FULL.status, FULL.headers);
    expect(JSON.parse(reply.push(FULL.body)?.toString() ?? "")).toEqual({
      id: `chatcmpl-${REQUEST}`,
      object: "chat.completion",
      created: 1_795_353_600,
      model: "acme/small",
      choices: [
        { index: 0, message: { role: "assistant", content: " at a serves a", refusal: null }, logprobs: null, finish_reason: "length" },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 4, total_tokens: 5 },
    });
  });
});

describe("the probe", () => {
  const READY = "/v2/models/vllm_model/ready";
  const CONFIG = "/v2/models/vllm_model/config";
  const page = (body = "", status = 200) => ({ status, body });

  it("asks for the model and never for the server as a whole, and looks at it once", async () => {
    const fresh = new TritonEngine();
    const ask = asking({ [READY]: page(), [CONFIG]: page(configOf("vllm_model")) });
    expect(await fresh.probe(backend, ask)).toEqual({ ready: new Set(["vllm_model"]), load: undefined });
    expect(await fresh.probe(backend, ask)).toEqual({ ready: new Set(["vllm_model"]), load: undefined });
    expect(ask.asked).toEqual([`GET ${READY}`, `GET ${CONFIG}`, `GET ${READY}`]);
  });

  it("says nothing of models that load, have gone, or are none to be served", async () => {
    const fresh = new TritonEngine();
    const none = async (ready: { status: number; body: string }, config: string) =>
      (await fresh.probe(backend, asking({ [READY]: ready, [CONFIG]: page(config) }))).ready;
    expect(await none(page('{"error":"Model version not ready"}', 400), "")).toEqual(new Set());
    expect(await none(page(), configOf("preprocessing"))).toEqual(new Set());
    expect(fresh.accepts(chat(), backend)).toMatchObject({ fault: "engine_overloaded" });
  });

  it("rejects where nobody answers", async () => {
    await expect(engine.probe(backend, asking({}))).rejects.toThrow();
  });

  it("makes a model that comes back as another one be spoken to as that", async () => {
    const fresh = new TritonEngine();
    const look = (status: number, config: string) => fresh.probe(backend, asking({ [READY]: page("", status), [CONFIG]: page(config) }));
    await look(200, configOf("vllm_model"));
    await look(400, "");
    await look(200, changed("tensorrt_llm_bls", {}));
    expect(JSON.parse(fresh.outbound(completion(), backend, REQUEST).body?.toString() ?? "")).toMatchObject({ max_tokens: 16 });
  });
});

describe("before a model has been seen", () => {
  it("nothing is sent that it might silently ignore, and the caller may come again", () => {
    const fresh = new TritonEngine();
    const fault = fresh.accepts(chat(), backend);
    expect(fault).toMatchObject({ fault: "engine_overloaded", retryAfterMs: 1_000 });
    expect(() => fresh.outbound(chat(), backend, REQUEST)).toThrow(expect.objectContaining({ fault: "engine_overloaded" }));
    expect(fresh.accepts(chat(), backendOf("triton", declared))).toBeUndefined();
  });
});

describe("a model that answers in one piece", () => {
  it("is waited for in silence", async () => {
    const whole = await seen("tensorrt_llm_bls", { config: changed("tensorrt_llm_bls", { model_transaction_policy: {} }) });
    const outbound = whole.engine.outbound(chat(), whole.backend, REQUEST);
    expect([outbound.comesWhole, JSON.parse(outbound.body?.toString() ?? "").stream]).toEqual([true, false]);
    expect(engine.outbound(chat(), backend, REQUEST).comesWhole).toBe(false);
    const { engine: embedder, backend: at } = await seen("embed_text");
    expect(embedder.outbound(vectors("x"), at, REQUEST)).toMatchObject({ path: "/v2/models/embed_text/infer", comesWhole: true });
  });
});
