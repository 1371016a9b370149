import { describe, expect, it } from "vitest";
import { TritonReply } from "../../../../src/backends/triton/reply.ts";
import { BOUNDS } from "../../../../src/bounds.ts";
import { chat, REQUEST } from "../support.ts";

const STREAM = { "content-type": "text/event-stream; charset=utf-8" };
const JSON_TYPE = { "content-type": "application/json" };
const frame = (value: object): Buffer => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);

function replyTo(more: object = {}, head: readonly [number, Readonly<Record<string, string>>] = [200, STREAM]): TritonReply {
  const reply = new TritonReply(chat(more), REQUEST, "vllm_model");
  reply.head(...head);
  return reply;
}

const verdict = ({ failure }: TritonReply) => [failure?.fault.fault, failure?.elsewhere, failure?.sick];

describe("a streamed answer", () => {
  it("goes out frame by frame, and is not finished before the engine says so", () => {
    const reply = replyTo({ stream: true });
    expect(reply.push(frame({ text_output: "a", finish_reason: "None" }))?.toString()).toContain('"content":"a"');
    expect(reply.observed.finished).toBe(false);
    expect(reply.push(frame({ text_output: "b", finish_reason: "stop" }))?.toString()).toContain('"finish_reason":"stop"');
    expect(reply.observed).toMatchObject({ finished: true, frames: 2, textBytes: 2 });
    expect(reply.end()?.toString()).toBe("data: [DONE]\n\n");
    expect(reply.failure).toBeUndefined();
  });

  it("passes nothing on of what comes behind the end", () => {
    const reply = replyTo({ stream: true });
    reply.push(frame({ text_output: "a", finish_reason: "length" }));
    expect(reply.push(frame({ text_output: "more" }))).toBeUndefined();
    expect(reply.observed.textBytes).toBe(1);
    expect(reply.push(frame({ text_output: "", finish_reason: "abort", num_output_tokens: 1 }))).toBeUndefined();
    expect(reply.failure).toBeUndefined();
    expect(reply.end()?.toString()).toBe("data: [DONE]\n\n");
  });

  it("adds up the completion's tokens, takes the prompt's as they are, and states them once", () => {
    const reply = replyTo({ stream: true });
    for (const tokens of [1, 2, 1]) reply.push(frame({ text_output: "x", num_input_tokens: 9, num_output_tokens: tokens }));
    expect(reply.observed.reported).toEqual({ promptTokens: 9, cachedTokens: undefined, completionTokens: 4 });
    expect(reply.observed.reports).toBe(1);
  });

  it("that fails before anything went out may be tried elsewhere, and counts for nothing", () => {
    const reply = replyTo({ stream: true });
    const both = Buffer.concat([frame({ text_output: "a", num_output_tokens: 1 }), frame({ error: "device lost" })]);
    expect(reply.push(both)).toBeUndefined();
    expect(verdict(reply)).toEqual(["engine_failed", true, true]);
    expect(reply.observed).toEqual({ reported: undefined, reports: 0, frames: 0, textBytes: 0, finished: false });
  });

  it("that fails later may not; what went out stands", () => {
    const reply = replyTo({ stream: true });
    reply.push(frame({ text_output: "a" }));
    reply.push(frame({ error: "device lost" }));
    expect(verdict(reply)).toEqual(["engine_failed", false, true]);
    expect(reply.observed).toMatchObject({ frames: 1, textBytes: 1 });
    expect([reply.push(frame({ text_output: "b" })), reply.end()]).toEqual([undefined, undefined]);
  });

  it.each([
    ["ends without a reason", [frame({ text_output: "a" })]],
    ["gives up", [frame({ text_output: "", finish_reason: "abort" })]],
    ["is no JSON", [Buffer.from("data: {\n\n")]],
    ["never ends a line", [Buffer.alloc(BOUNDS.replyFrameBytesMax + 1, "x")]],
  ])("%s: broken", (_, chunks) => {
    const reply = replyTo({ stream: true });
    for (const chunk of chunks) reply.push(chunk);
    reply.end();
    expect(verdict(reply)[0]).toBe("engine_failed");
    expect(reply.observed.finished).toBe(false);
  });
});

describe("a whole answer", () => {
  it("is gathered, and given at the end", () => {
    const reply = replyTo();
    expect(reply.push(frame({ text_output: "a" }))).toBeUndefined();
    expect(reply.push(frame({ text_output: "b", finish_reason: "stop" }))).toBeUndefined();
    expect(JSON.parse(reply.end()?.toString() ?? "")).toMatchObject({ choices: [{ message: { content: "ab" } }] });
  });

  it("may be tried elsewhere until then, however much has come", () => {
    const reply = replyTo();
    reply.push(frame({ text_output: "a" }));
    reply.push(frame({ error: "device lost" }));
    expect(verdict(reply)).toEqual(["engine_failed", true, true]);
  });
});

describe("an answer that is no stream", () => {
  it("is an error, whatever its status says", () => {
    const reply = replyTo({}, [200, JSON_TYPE]);
    reply.push(Buffer.from('{"error":"generate expects '));
    reply.push(Buffer.from('model to produce exactly 1 response"}'));
    reply.end();
    expect(verdict(reply)).toEqual(["engine_failed", true, true]);
    const empty = replyTo({}, [200, JSON_TYPE]);
    empty.end();
    expect(empty.failure?.fault.detail).toBe("triton: no stream");
  });

  it("is read to its end before it is judged", () => {
    const reply = replyTo({}, [400, JSON_TYPE]);
    reply.push(Buffer.from('{"error":"top_p must be in (0, 1], '));
    expect(reply.failure).toBeUndefined();
    reply.push(Buffer.from('got 2."}'));
    reply.end();
    expect(verdict(reply)).toEqual(["engine_refused", false, false]);
    expect(reply.failure?.fault.message).toBe("top_p must be in (0, 1], got 2.");
  });

  it("has its bound", () => {
    const reply = replyTo({}, [400, JSON_TYPE]);
    reply.push(Buffer.alloc(BOUNDS.replyErrorBytesMax + 1, "x"));
    expect(verdict(reply)).toEqual(["engine_failed", true, false]);
  });

  it("in frames under a status that says no is judged by that", () => {
    const reply = replyTo({ stream: true }, [503, STREAM]);
    expect(reply.push(frame({ text_output: "a" }))).toBeUndefined();
    expect(verdict(reply)).toEqual(["engine_overloaded", true, false]);
  });
});
