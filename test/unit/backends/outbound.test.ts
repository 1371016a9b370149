import { describe, expect, it } from "vitest";
import { outboundBody as bodyOf, outboundHeaders, servedBy } from "../../../src/backends/outbound.ts";
import { ALIAS, backendOf, callOf, chat, MODEL, REQUEST } from "./support.ts";

const WITH_USAGE = { streamOptions: true, cacheSalt: false };
const WITHOUT = { streamOptions: false, cacheSalt: false };

function outboundBody(...given: Parameters<typeof bodyOf>): Buffer {
  const { body, pieces } = bodyOf(...given);
  return body ?? Buffer.concat(pieces ?? []);
}

describe("the body", () => {
  it("is given in views of the caller's own bytes when it is large", () => {
    const call = chat({ stream: true, messages: [{ role: "user", content: "x".repeat(40_000) }] });
    const { body, pieces = [] } = bodyOf(call, "served", WITH_USAGE);
    expect(body).toBeUndefined();
    expect(pieces.some((piece) => piece.buffer === call.body.buffer && piece.length > 30_000)).toBe(true);
    const sent = JSON.parse(Buffer.concat(pieces).toString());
    expect(sent).toEqual({ ...JSON.parse(call.body.toString()), model: "served", stream_options: { include_usage: true } });
  });

  it("is the caller's own buffer when nothing differs", () => {
    const call = chat();
    expect(outboundBody(call, ALIAS.name, WITH_USAGE)).toBe(call.body);
  });

  it("gets the engine's name for the model and keeps every other byte", () => {
    const text = `{ "messages" : [ {"role":"user","content":"\\u00fc \\"model\\": \\"x\\""} ],\n "model"\t: "acme/small" , "seed":1e0 }`;
    expect(outboundBody(callOf("chat", text), 'we"ird', WITH_USAGE).toString()).toBe(text.replace('"acme/small"', '"we\\"ird"'));
  });

  it("asks for usage in streams, in place or added", () => {
    const added = JSON.parse(outboundBody(chat({ stream: true }), "m", WITH_USAGE).toString());
    expect(added.stream_options).toEqual({ include_usage: true });
    const forced = JSON.parse(outboundBody(chat({ stream: true, stream_options: { include_usage: false } }), "m", WITH_USAGE).toString());
    expect(forced.stream_options).toEqual({ include_usage: true });
    const nothing = JSON.parse(outboundBody(chat({ stream: true, stream_options: null }), "m", WITH_USAGE).toString());
    expect(nothing.stream_options).toEqual({ include_usage: true });
  });

  it("gets the tenant's cache salt, in place of the caller's own, where the engine knows salts", () => {
    const salted = (more: object = {}) => ({ ...chat(more), cacheSalt: "salt-of-a-tenant" });
    const knows = { streamOptions: true, cacheSalt: true };
    for (const given of [{}, { cache_salt: "own" }, { cache_salt: null }])
      expect(JSON.parse(outboundBody(salted(given), ALIAS.name, knows).toString()).cache_salt).toBe("salt-of-a-tenant");
    expect(outboundBody(salted(), ALIAS.name, WITH_USAGE).toString()).not.toContain("cache_salt");
    expect(outboundBody(chat(), ALIAS.name, knows).toString()).not.toContain("cache_salt");
  });

  it("does not ask for it without a stream, or where the engine does not know it", () => {
    expect(outboundBody(chat(), "m", WITH_USAGE).toString()).not.toContain("stream_options");
    expect(outboundBody(chat({ stream: true }), "m", WITHOUT).toString()).not.toContain("stream_options");
  });
});

describe("the headers", () => {
  it("are ours alone, with the credential only where there is one", () => {
    expect(outboundHeaders(backendOf("vllm"), REQUEST)).toEqual(["content-type", "application/json", "x-request-id", REQUEST]);
    expect(outboundHeaders(backendOf("vllm", { credential: "k" }), REQUEST)).toEqual([
      "content-type",
      "application/json",
      "authorization",
      "Bearer k",
      "x-request-id",
      REQUEST,
    ]);
  });
});

describe("the served model", () => {
  it("must be there", () => {
    expect(servedBy(backendOf("vllm"), chat()).model).toBe(MODEL);
    expect(() => servedBy({ ...backendOf("vllm"), models: new Map() }, chat())).toThrow("does not serve");
  });
});
