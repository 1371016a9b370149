import { describe, expect, it } from "vitest";
import { engines } from "../../../src/backends/index.ts";
import { ResponsesThroughChat } from "../../../src/backends/responses-through-chat.ts";
import type { Call, Wire } from "../../../src/domain/call.ts";
import { readCall } from "../../../src/openai/read-call.ts";
import { engineContract } from "../../contract/engine.ts";
import { vllmTranscript } from "../../fixtures/engines/read.ts";
import { ALIAS, asking, backendOf, REQUEST } from "./support.ts";

const all = engines();

function callOf(wire: Wire, body: object): Call {
  return readCall(wire, Buffer.from(JSON.stringify({ model: ALIAS.name, ...body })), () => ALIAS, { isUtf8: () => true });
}
const sent = (engine: "vllm" | "sglang", call: Call, responses?: "engine" | "chat"): { path: string; body: Record<string, unknown> } => {
  const backend = { ...backendOf(engine), ...(responses === undefined ? {} : { responses }) };
  const outbound = all[engine].outbound(call, backend, REQUEST);
  return { path: outbound.path, body: JSON.parse(outbound.body?.toString() ?? "null") };
};

engineContract({ engine: all.vllm, backend: backendOf("vllm"), request: REQUEST }, [
  {
    name: "a Response, straight through",
    call: callOf("responses", { input: "hello", max_output_tokens: 8 }),
    answer: vllmTranscript("a_responses"),
    expect: { finished: true, promptTokens: 16, completionTokens: 8 },
  },
  {
    name: "rerank",
    call: callOf("rerank", { query: "hello", documents: ["world", "hello", "gateway route"], top_n: 2 }),
    answer: vllmTranscript("rerank"),
    expect: { finished: true, promptTokens: 27 },
  },
  {
    name: "score",
    call: callOf("score", { text_1: "hello", text_2: ["hello", "world"] }),
    answer: vllmTranscript("score"),
    expect: { finished: true, promptTokens: 18, completionTokens: 0 },
  },
]);

engineContract({ engine: all.sglang, backend: backendOf("sglang"), request: REQUEST }, [
  {
    name: "a Response, translated",
    call: callOf("responses", { input: "hello" }),
    answer: vllmTranscript("a_chat"),
    expect: { finished: true, promptTokens: 17, completionTokens: 8 },
  },
]);

describe("who speaks Responses", () => {
  const call = callOf("responses", { input: "hi", stream: true });

  it("is the engine where it can, and the gateway elsewhere or where the backend says so", () => {
    expect(sent("vllm", call)).toEqual({ path: "/v1/responses", body: { model: "tiny-llama", input: "hi", stream: true, store: false } });
    expect(sent("sglang", call).path).toBe("/v1/chat/completions");
    expect(sent("vllm", call, "chat").path).toBe("/v1/chat/completions");
    expect(sent("sglang", callOf("responses", { input: "hi" }), undefined).body).toEqual({
      model: "tiny-llama",
      messages: [{ role: "user", content: "hi" }],
    });
  });

  it("never lets an engine store, whatever stands there", () => {
    expect(sent("vllm", callOf("responses", { store: null, input: "hi" })).body["store"]).toBe(false);
    const same = callOf("responses", { store: false, input: "hi", model: "tiny-llama" });
    expect(all.vllm.outbound(same, backendOf("vllm"), REQUEST).body).toBe(same.body);
  });

  it("refuses what steers an engine on both ways, and what it cannot do in the caller's words", () => {
    const steering = callOf("responses", { input: "hi", priority: 1 });
    expect(all.vllm.accepts(steering, backendOf("vllm"))?.param).toBe("priority");
    expect(all.vllm.accepts(steering, { ...backendOf("vllm"), responses: "chat" })?.param).toBe("priority");
    expect(all.sglang.accepts(call, { ...backendOf("sglang"), models: new Map() })?.fault).toBe("model_not_found");
    const nothingAllowed = { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "g" }] };
    const unable = callOf("responses", { input: "hi", tools: [{ type: "function", name: "f" }], tool_choice: nothingAllowed });
    expect(all.sglang.accepts(unable, backendOf("sglang"))?.param).toBe("tool_choice.tools");
  });

  it("says where an engine has no such endpoint", () => {
    expect(all.tgi.accepts(callOf("rerank", { query: "a", documents: ["b"] }), backendOf("tgi"))?.fault).toBe("unsupported_parameter");
    expect(all.sglang.accepts(callOf("score", { text_1: "a", text_2: "b" }), backendOf("sglang"))?.param).toBe("model");
    expect(all.llamacpp.accepts(callOf("rerank", { query: "a", documents: ["b"] }), backendOf("llamacpp"))).toBeUndefined();
  });

  it("probes as the engine itself", async () => {
    const engine = new ResponsesThroughChat(all.openai, { speaks: false });
    const ask = asking({ "/v1/models": { status: 200, body: '{"data":[{"id":"a"}]}' } });
    expect([engine.kind, (await engine.probe(backendOf("openai"), ask)).ready]).toEqual(["openai", new Set(["a"])]);
  });
});
