import { describe, expect, it } from "vitest";
import { TritonEngine } from "../../../../src/backends/triton/engine.ts";
import { engineContract, type EngineFixture } from "../../../contract/engine.ts";
import { tritonTranscript, type Transcript } from "../../../fixtures/engines/read.ts";
import { asking, backendOf, callOf, chat, MODEL, REQUEST } from "../support.ts";

const engine = new TritonEngine();
const backend = backendOf("triton", { servedName: "vllm_model" });
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
    const bounded = backendOf("triton", { model: { ...MODEL, completionTokensMax: 100 } });
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
    [{ tool_choice: "required" }, "tool_choice"],
    [{ response_format: { type: "json_object" } }, "response_format"],
    [{ logprobs: true }, "logprobs"],
    [{ n: 2 }, "n"],
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
    expect(reply.push(FULL.body)).toBeUndefined();
    expect(JSON.parse(reply.end()?.toString() ?? "")).toEqual({
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
  it("asks model by model and never the server as a whole", async () => {
    const ask = asking({ "/v2/models/vllm_model/ready": { status: 200, body: "" } });
    expect(await engine.probe(backend, ask)).toEqual({ ready: new Set(["vllm_model"]), load: undefined });
    expect(ask.asked).toEqual(["GET /v2/models/vllm_model/ready"]);
    const loading = asking({ "/v2/models/vllm_model/ready": { status: 400, body: '{"error":"Model version not ready"}' } });
    expect((await engine.probe(backend, loading)).ready).toEqual(new Set());
  });
});
