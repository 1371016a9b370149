/** The contract of every adapter over answers that a real Triton gives now, for each kind of model behind it. */
import { describe } from "vitest";
import { engines } from "../../src/backends/index.ts";
import type { Engine } from "../../src/ports.ts";
import { engineContract, type EngineFixture, type EngineSubject } from "../contract/engine.ts";
import { backendOf, callOf, chat, REQUEST } from "../unit/backends/support.ts";
import { recorded, type Row } from "./support/recorded.ts";
import { missing, urlOf } from "./support/running.ts";

const URL = urlOf("triton");

/** An adapter that has looked at its model, as routing has it look before anything is sent. */
async function looked(servedName: string): Promise<EngineSubject> {
  const engine: Engine = engines().triton;
  const backend = backendOf("triton", { servedName });
  await engine.probe(backend, async (method, path, body) => {
    const response = await fetch(URL + path, { method, ...(body === undefined ? {} : { body }) });
    return { status: response.status, body: await response.text() };
  });
  return { engine, backend, request: REQUEST };
}

const say = { messages: [{ role: "user", content: "[[say:eins zwei drei]]" }], max_tokens: 20 };
const spoken = { text: "eins zwei drei", finished: true } as const;
const failing = { messages: [{ role: "user", content: "[[fail_after:5]][[tokens:9]]" }], max_tokens: 20 };
const usage = { stream: true, stream_options: { include_usage: true } };

const TEXTS: readonly Row[] = [
  ["chat", chat(say), spoken],
  ["chat, streamed", chat({ ...say, stream: true }), spoken],
  ["chat, streamed with usage", chat({ ...say, ...usage }), spoken],
  ["a stop word", chat({ ...say, stop: [" drei"], stream: true }), { text: "eins zwei", finished: true }],
  ["completion", callOf("completions", { model: "acme/small", prompt: "[[say:eins zwei drei]]", max_tokens: 20 }), spoken],
  ["a failure within a stream", chat({ ...failing, stream: true }), { fault: "engine_failed", finished: false }],
  ["a failure of a whole answer", chat(failing), { fault: "engine_failed" }],
];

const VECTORS: readonly Row[] = [
  [
    "vectors as floats",
    callOf("embeddings", { model: "acme/small", input: ["hello", "world"], encoding_format: "float" }),
    { finished: true },
  ],
  [
    "vectors in base64",
    callOf("embeddings", { model: "acme/small", input: ["hello", "world"], encoding_format: "base64" }),
    { finished: true },
  ],
];

async function fixtures(subject: EngineSubject, rows: readonly Row[]): Promise<readonly EngineFixture[]> {
  return Promise.all(rows.map((row) => recorded(subject, URL, row)));
}

/** The LLM API counts no tokens, so nobody can be shown a count. */
const showsUsage = ([, call]: Row): boolean => call.includeUsage;

const KINDS = ["vllm_model", "tensorrt_llm_bls", "bls_accumulating", "ensemble", "llmapi"];

describe.skipIf(missing !== undefined).each([...KINDS, "embed_text"])("Triton now, %s", async (servedName) => {
  if (missing !== undefined) return;
  const subject = await looked(servedName);
  const texts = servedName === "llmapi" ? TEXTS.filter((row) => !showsUsage(row)) : TEXTS;
  engineContract(subject, await fixtures(subject, servedName === "embed_text" ? VECTORS : texts));
});
