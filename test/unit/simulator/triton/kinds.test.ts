/** The adapter against the simulator, kind by kind: both were written from the same recordings, and neither knows the other. */
import { describe, expect, it } from "vitest";
import { TritonEngine } from "../../../../src/backends/triton/engine.ts";
import type { Call } from "../../../../src/domain/call.ts";
import type { Ask } from "../../../../src/ports.ts";
import type { TritonSimulator } from "../../../../src/simulator/triton.ts";
import type { ModelKind } from "../../../../src/simulator/triton/models.ts";
import { backendOf, callOf, chat, CHATML, REQUEST, type BackendOptions } from "../../backends/support.ts";
import { DECLARED } from "../../backends/triton/support.ts";
import { ask, triton } from "../support.ts";

const HERMES = { ...CHATML, source: `{% if tools %}<tool_call>{{ tools | tojson }}{% endif %}${CHATML.source}` };
const TOOLS = [
  { type: "function", function: { name: "f", parameters: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] } } },
];

const simulated = (kind: ModelKind, accumulates = false): Promise<TritonSimulator> =>
  triton({ models: [{ name: "m", kind, accumulates }] });

/** One call through the adapter to the simulator and back. */
async function through({ url }: TritonSimulator, call: Call, options: BackendOptions = {}) {
  const engine = new TritonEngine();
  const backend = { ...backendOf("triton", { servedName: "m", ...options }), baseUrl: url };
  const status: Ask = async (method, path, body) => {
    const { status: code, text } = await ask(url + path, { method, body });
    return { status: code, body: text };
  };
  expect((await engine.probe(backend, status)).ready).toEqual(new Set(["m"]));
  expect(engine.accepts(call, backend)).toBeUndefined();
  const outbound = engine.outbound(call, backend, REQUEST);
  const headers = Object.fromEntries(
    outbound.headers.flatMap((name, at) => (at % 2 === 0 ? [[name, outbound.headers[at + 1] ?? ""]] : [])),
  );
  const got = await ask(url + outbound.path, { body: outbound.body, headers });
  const reply = engine.reply(call, backend, REQUEST);
  reply.head(got.status, got.headers);
  const out = [reply.push(got.bytes), reply.end()].map((bytes) => bytes?.toString() ?? "").join("");
  return { out, reply, answer: call.stream || out === "" ? undefined : JSON.parse(out) };
}

const said = (words: string, more: object = {}) => chat({ messages: [{ role: "user", content: `[[say:${words}]]` }], ...more });

describe.each<readonly [string, () => Promise<TritonSimulator>]>([
  ["vllm", () => simulated("vllm")],
  ["tensorrt_llm_bls", () => simulated("tensorrt_llm_bls")],
  ["tensorrt_llm_bls that repeats itself", () => simulated("tensorrt_llm_bls", true)],
  ["ensemble", () => simulated("ensemble")],
  ["llmapi", () => simulated("llmapi")],
])("%s", (_, start) => {
  it("answers whole and streamed, the same", async () => {
    const simulator = await start();
    const { answer, reply } = await through(simulator, said("quiet harbour"));
    expect(answer.choices).toMatchObject([{ message: { content: "quiet harbour" }, finish_reason: "stop" }]);
    expect([reply.failure, reply.done, reply.observed.finished]).toEqual([undefined, true, true]);
    const { out } = await through(simulator, said("quiet harbour", { stream: true }));
    const texts = Array.from(out.matchAll(/"content":"([^"]*)"/g), ([, text]) => text);
    expect(texts.join("")).toBe("quiet harbour");
    expect(out.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("ends at the bound that it was given, and at a stop sequence that nobody sees", async () => {
    const simulator = await start();
    expect((await through(simulator, said("one two three four", { max_tokens: 2 }))).answer.choices[0].finish_reason).toBe("length");
    const { answer } = await through(simulator, said("alpha STOP omega", { stop: "STOP" }));
    expect(answer.choices).toMatchObject([{ message: { content: "alpha " }, finish_reason: "stop" }]);
  });

  it("fails before and behind its first frame", async () => {
    const simulator = await start();
    const content = (fault: string) =>
      chat({ stream: true, messages: [{ role: "user", content: `[[say:one two three four]] [[fail:${fault}]]` }] });
    const early = await through(simulator, content("error:0"));
    expect([early.out, early.reply.failure?.fault.fault, early.reply.failure?.elsewhere]).toEqual(["", "engine_failed", true]);
    expect((await through(simulator, content("error:2"))).reply.failure?.fault.fault).toBe("engine_failed");
  });
});

describe("what the vLLM backend can do besides", () => {
  it("several answers, log probabilities, forms and tools", async () => {
    const simulator = await simulated("vllm");
    expect((await through(simulator, chat({ n: 2, max_tokens: 4 }))).answer.choices).toHaveLength(2);
    const { answer } = await through(simulator, said("one two", { logprobs: true, top_logprobs: 1 }));
    expect(answer.choices[0].logprobs.content.map(({ token }: { token: string }) => token).join("")).toBe("one two");
    const form = { type: "json_schema", json_schema: { name: "x", schema: TOOLS[0]?.function.parameters } };
    expect((await through(simulator, chat({ response_format: form }))).answer.choices[0].message.content).toBe('{"a":0}');
    const called = chat({ tools: TOOLS, messages: [{ role: "user", content: '[[call:f {"a":7}]]' }] });
    expect((await through(simulator, called, { chatTemplate: HERMES })).answer.choices[0]).toMatchObject({
      message: { content: null, tool_calls: [{ function: { name: "f", arguments: '{"a":7}' } }] },
      finish_reason: "tool_calls",
    });
    const required = await through(simulator, chat({ tools: TOOLS, tool_choice: "required" }), { chatTemplate: HERMES });
    expect(required.answer.choices[0].message.tool_calls).toMatchObject([{ function: { name: "f", arguments: '{"a":0}' } }]);
  });

  it("the older name for a form", async () => {
    const older = { triton: { ...DECLARED, guideName: "guided_decoding" as const } };
    const { answer } = await through(await simulated("vllm"), chat({ response_format: { type: "json_object" } }), older);
    expect(answer.choices[0].message.content).toBe("{}");
  });
});

it("TensorRT-LLM takes a form as tensors", async () => {
  const form = { type: "json_schema", json_schema: { name: "x", schema: TOOLS[0]?.function.parameters } };
  const { answer } = await through(await simulated("tensorrt_llm_bls"), chat({ response_format: form }));
  expect(answer.choices[0].message.content).toBe('{"a":0}');
});

describe("embeddings", () => {
  it("of texts and of ids, and the padding of a short row changes nothing", async () => {
    const texts = await through(
      await simulated("embed_text"),
      callOf("embeddings", { model: "acme/small", input: ["harbour", "station"] }),
    );
    expect([texts.answer.data.length, texts.reply.observed.reported?.promptTokens, texts.reply.failure]).toEqual([
      2,
      texts.answer.usage.prompt_tokens,
      undefined,
    ]);
    const simulator = await simulated("embed_ids");
    const vectors = async (input: unknown) =>
      (await through(simulator, callOf("embeddings", { model: "acme/small", input }))).answer.data.map(
        ({ embedding }: { embedding: unknown }) => embedding,
      );
    const [long, short] = await vectors([[1, 2, 3], [4]]);
    expect([await vectors([1, 2, 3]), await vectors([[4]])]).toEqual([[long], [short]]);
  });
});
