import { describe, expect, it } from "vitest";
import type { Capability } from "../../../src/domain/fleet.ts";
import { JsonReply } from "../../../src/openai/json-reply.ts";
import { call, JSON_TYPE, REQUEST } from "./fixtures.ts";

const CHAT =
  '{"id":"chatcmpl-b68","object":"chat.completion","created":1,"model":"tiny-llama","choices":[{"index":0,"message":{"role":"assistant","content":" story","refusal":null},"finish_reason":"length"}],"service_tier":null,"system_fingerprint":"vllm-0.32.0","usage":{"prompt_tokens":17,"total_tokens":25,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":3}},"kv_transfer_params":null}';

function answer(capability: Capability, pieces: readonly string[], status = 200, headers: Record<string, string> = JSON_TYPE) {
  const reply = new JsonReply(call({ capability, stream: false }), REQUEST, "tiny-llama");
  reply.head(status, headers);
  for (const piece of pieces) expect(reply.push(Buffer.from(piece))).toBeUndefined();
  return { reply, out: reply.end()?.toString() };
}

describe("JsonReply", () => {
  it("edits the envelope and nothing else, however the bytes come", () => {
    const { reply, out } = answer("chat", [CHAT.slice(0, 40), CHAT.slice(40)]);
    expect(JSON.parse(out ?? "")).toEqual({
      ...Object(JSON.parse(CHAT)),
      id: `chatcmpl-${REQUEST}`,
      model: "north-1",
      system_fingerprint: null,
    });
    expect(reply.failure).toBeUndefined();
    expect(reply.observed).toEqual({
      reported: { promptTokens: 17, cachedTokens: 3, completionTokens: 8 },
      reports: 1,
      frames: 0,
      textBytes: 0,
      finished: true,
    });
  });

  it("looks for output only where the engine's count says nothing of it", () => {
    const choices = '"choices":[{"index":0,"message":{"role":"assistant","content":"hello"}}]';
    for (const usage of ["", ',"usage":null', ',"usage":{"prompt_tokens":3}', ',"usage":{"completion_tokens":0}'])
      expect(answer("chat", [`{${choices}${usage}}`]).reply.observed).toMatchObject({ frames: 1, textBytes: 5 });
    expect(answer("chat", [`{${choices},"usage":{"completion_tokens":2}}`]).reply.observed).toMatchObject({ frames: 0, textBytes: 0 });
  });

  it("looks for output where the count cannot be true", () => {
    const choices = '"choices":[{"index":0,"message":{"role":"assistant","content":"hello"}}]';
    for (const tokens of ["5000000", "-3", "2.5", "1e400"])
      expect(answer("chat", [`{${choices},"usage":{"completion_tokens":${tokens}}}`]).reply.observed).toMatchObject({
        frames: 1,
        textBytes: 5,
      });
  });

  it("trusts no packed answer", () => {
    const packed = answer("chat", [CHAT], 200, { ...JSON_TYPE, "content-encoding": "gzip" });
    expect(packed.reply.failure).toMatchObject({ elsewhere: true, sick: true });
    expect(answer("chat", [CHAT], 200, { ...JSON_TYPE, "content-encoding": "identity" }).reply.failure).toBeUndefined();
  });

  it("names completions and embeddings by their own prefixes", () => {
    expect(answer("completions", ['{"id":"x","choices":[{"text":"ab"}]}']).out).toContain(`"cmpl-${REQUEST}"`);
    const { reply, out } = answer("embeddings", [
      '{"id":"embd-1","model":"tiny-llama","data":[{"index":0,"embedding":[0.1,-2e-5]},{"embedding":"AAAA"}],"usage":{"prompt_tokens":2,"total_tokens":2}}',
    ]);
    expect(JSON.parse(out ?? "")).toMatchObject({
      id: `embd-${REQUEST}`,
      model: "north-1",
      data: [{ embedding: [0.1, -2e-5] }, { embedding: "AAAA" }],
    });
    expect(reply.observed.reported).toMatchObject({ promptTokens: 2, completionTokens: undefined });
  });

  it("passes an answer that needs no edit as it is", () => {
    const reply = new JsonReply(call({ capability: "tokenize" }), REQUEST, "x");
    reply.head(200, JSON_TYPE);
    const body = Buffer.from('{"count":3,"tokens":[1,2,3]}');
    reply.push(body);
    expect(reply.end()).toBe(body);
  });

  it.each([
    ["an error in a 200", ['{"error":{"message":"busy","code":503}}'], "engine_overloaded"],
    ["an old error object", ['{"object":"error","message":"x","code":500}'], "engine_failed"],
    ["half an answer", [CHAT.slice(0, 100)], "engine_failed"],
    ["half an embedding", ['{"data":[{"embedding":[0.1,0.2'], "engine_failed"],
    ["nothing", [], "engine_failed"],
    ["an array", ["[]"], "engine_failed"],
    ["an answer without choices", ['{"object":"chat.completion"}'], "engine_failed"],
    ["an answer whose choices are null", ['{"choices":null}'], "engine_failed"],
  ])("fails on %s", (_, pieces, fault) => {
    for (const capability of ["chat", "embeddings"] as const) {
      const { reply, out } = answer(capability, pieces);
      expect(out).toBeUndefined();
      expect(reply.failure?.fault.fault).toBe(fault);
      expect(reply.failure?.elsewhere).toBe(true);
      expect(reply.observed.finished).toBe(false);
    }
  });

  it("judges statuses and content types", () => {
    expect(answer("chat", ['{"error":"Unauthorized"}'], 401).reply.failure).toMatchObject({ elsewhere: true, sick: true });
    expect(answer("chat", ["<html>"], 200, { "content-type": "text/html" }).reply.failure).toMatchObject({ elsewhere: true, sick: true });
    expect(answer("chat", ['{"error":{"message":"n must be at least 1, got 0.","code":400}}'], 400).reply.failure?.fault.message).toBe(
      "n must be at least 1, got 0.",
    );
  });
});
