/** The contract of every adapter over answers that a real vLLM gives now: the recordings of the ordinary suite, made anew. */
import { engines } from "../../src/backends/index.ts";
import type { Call } from "../../src/domain/call.ts";
import { engineContract, type EngineFixture } from "../contract/engine.ts";
import { backendOf, callOf, chat, REQUEST } from "../unit/backends/support.ts";
import { describe } from "vitest";
import { recorded } from "./support/recorded.ts";
import { missing, urlOf } from "./support/running.ts";

const { vllm } = engines();
const llama = { engine: vllm, backend: backendOf("vllm"), request: REQUEST };
const bert = { engine: vllm, backend: backendOf("vllm", { servedName: "tiny-embed" }), request: REQUEST };

const sized = { max_tokens: 8, temperature: 0, ignore_eos: true };
const usage = { stream: true, stream_options: { include_usage: true } };
const parameters = { type: "object", properties: { city: { enum: ["Bonn"] } }, required: ["city"], additionalProperties: false };
const tools = [{ type: "function", function: { name: "get_weather", parameters, strict: true } }];
const tool_choice = { type: "function", function: { name: "get_weather" } };
const complete = (more: object = {}): Call => callOf("completions", { model: "acme/small", prompt: "hello world", ...sized, ...more });
const embed = (more: object = {}): Call => callOf("embeddings", { model: "acme/small", input: ["hello", "world"], ...more });

const whole = { finished: true, completionTokens: 8 };
const GOOD: readonly (readonly [string, Call, EngineFixture["expect"]])[] = [
  ["chat", chat(sized), whole],
  ["chat, streamed", chat({ ...sized, stream: true }), whole],
  ["chat, streamed with usage", chat({ ...sized, ...usage }), whole],
  ["three choices", chat({ ...sized, n: 3, temperature: 1 }), { finished: true, completionTokens: 24 }],
  ["three choices, streamed", chat({ ...sized, n: 3, temperature: 1, stream: true }), { finished: true, completionTokens: 24 }],
  ["log probabilities, streamed", chat({ ...sized, logprobs: true, top_logprobs: 2, stream: true }), whole],
  ["a tool call", chat({ tools, tool_choice, max_tokens: 100, temperature: 0 }), { finished: true }],
  ["a tool call, streamed", chat({ tools, tool_choice, max_tokens: 100, temperature: 0, stream: true }), { finished: true }],
  ["completion", complete(), whole],
  ["completion, streamed with usage", complete(usage), whole],
  ["completions of two prompts, streamed", complete({ prompt: ["a", "b"], stream: true }), { finished: true, completionTokens: 16 }],
  ["tokens", callOf("tokenize", { model: "acme/small", messages: [{ role: "user", content: "hello world" }] }), { finished: true }],
];

const refused = { fault: "engine_refused", elsewhere: false, sick: false } as const;
const BAD: readonly (readonly [string, Call, EngineFixture["expect"]])[] = [
  ["a schema that is none", chat({ response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "x" } } } }), refused],
  [
    "the same, streamed",
    chat({ stream: true, response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "x" } } } }),
    refused,
  ],
  ["too many log probabilities", chat({ logprobs: true, top_logprobs: 500, stream: true }), refused],
  [
    "a prompt that is too long",
    chat({ messages: [{ role: "user", content: "word ".repeat(5_000) }] }),
    { fault: "context_length_exceeded", elsewhere: false, sick: false },
  ],
];

describe.skipIf(missing !== undefined)("vLLM now", async () => {
  if (missing !== undefined) return;
  const chatUrl = urlOf("vllm-chat");
  engineContract(llama, await Promise.all([...GOOD, ...BAD].map((row) => recorded(llama, chatUrl, row))));
  const embedUrl = urlOf("vllm-embed");
  const vectors: typeof GOOD = [
    ["vectors as floats", embed({ encoding_format: "float" }), { finished: true }],
    ["vectors in base64", embed({ encoding_format: "base64" }), { finished: true }],
  ];
  engineContract(bert, await Promise.all(vectors.map((row) => recorded(bert, embedUrl, row))));
});
