import { describe, expect, it } from "vitest";
import { TritonReply } from "../../../../src/backends/triton/reply.ts";
import { BOUNDS } from "../../../../src/bounds.ts";
import type { ReadingPlan } from "../../../../src/backends/triton/choice.ts";
import { chat, REQUEST } from "../support.ts";
import { PLAN } from "./support.ts";

const STREAM = { "content-type": "text/event-stream; charset=utf-8" };
const JSON_TYPE = { "content-type": "application/json" };
const frame = (value: object): Buffer => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);

/** The reply of an engine that does not say why it ends. */
const silentTo = (more: object = {}, plan: Partial<ReadingPlan> = {}) => replyTo(more, [200, STREAM], { tellsReason: false, ...plan });

function replyTo(
  more: object = {},
  head: readonly [number, Readonly<Record<string, string>>] = [200, STREAM],
  plan: Partial<ReadingPlan> = {},
): TritonReply {
  const reply = new TritonReply(chat(more), REQUEST, "vllm_model", { ...PLAN, ...plan });
  reply.head(...head);
  return reply;
}

const verdict = ({ failure }: TritonReply) => [failure?.fault.fault, failure?.elsewhere, failure?.sick];

describe("a streamed answer", () => {
  it("goes out frame by frame, and is not finished before the engine says so", () => {
    const reply = replyTo({ stream: true });
    expect(reply.push(frame({ text_output: "a", finish_reason: "None" }))?.toString()).toContain('"content":"a"');
    expect(reply.observed.finished).toBe(false);
    expect(reply.done).toBe(false);
    const last = reply.push(frame({ text_output: "b", finish_reason: "stop" }))?.toString();
    expect(last).toContain('"finish_reason":"stop"');
    expect(last?.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(reply.observed).toMatchObject({ finished: true, frames: 2, textBytes: 2 });
    expect([reply.done, reply.end(), reply.failure]).toEqual([true, undefined, undefined]);
  });

  it("passes nothing on of what comes behind the end", () => {
    const reply = replyTo({ stream: true });
    reply.push(frame({ text_output: "a", finish_reason: "length" }));
    expect(reply.push(frame({ text_output: "more" }))).toBeUndefined();
    expect(reply.observed.textBytes).toBe(1);
    expect(reply.push(frame({ text_output: "", finish_reason: "abort", num_output_tokens: 1 }))).toBeUndefined();
    expect(reply.push(frame({ error: "device lost" }))).toBeUndefined();
    expect([reply.failure, reply.end(), reply.observed.reported]).toEqual([undefined, undefined, undefined]);
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
  it("is gathered, and given as soon as it has ended", () => {
    const reply = replyTo();
    expect(reply.push(frame({ text_output: "a" }))).toBeUndefined();
    const whole = reply.push(frame({ text_output: "b", finish_reason: "stop" }))?.toString() ?? "";
    expect(JSON.parse(whole)).toMatchObject({ choices: [{ message: { content: "ab" } }] });
    expect([reply.done, reply.end()]).toEqual([true, undefined]);
  });

  it("may be tried elsewhere until then, however much has come", () => {
    const reply = replyTo();
    reply.push(frame({ text_output: "a" }));
    reply.push(frame({ error: "device lost" }));
    expect(verdict(reply)).toEqual(["engine_failed", true, true]);
  });
});

describe("an engine that does not say why it ends", () => {
  const token = (text: string) => frame({ text_output: text, num_input_tokens: 5, num_output_tokens: 1 });
  const reasonOf = (reply: TritonReply) => /"finish_reason":"(\w+)"/.exec(reply.end()?.toString() ?? "")?.[1];

  it.each([
    [3, "stop"],
    [2, "length"],
    [1, "length"],
  ])("with two of %i tokens ended for %s", (tokensMax, reason) => {
    const reply = silentTo({ stream: true }, { tokensMax });
    for (const text of ["a", "b"]) expect(reply.push(token(text))?.toString()).toContain(`"content":"${text}"`);
    expect([reply.done, reply.observed.finished]).toEqual([false, false]);
    expect(reasonOf(reply)).toBe(reason);
    expect([reply.done, reply.observed.finished, reply.failure]).toEqual([true, true, undefined]);
  });

  it("and counts nothing either is judged by its frames", () => {
    const reply = silentTo({}, { tokensMax: 2 });
    for (const text of ["a", "b"]) reply.push(frame({ text_output: text }));
    expect(JSON.parse(reply.end()?.toString() ?? "")).toMatchObject({ choices: [{ message: { content: "ab" }, finish_reason: "length" }] });
    expect(reply.observed.reported).toBeUndefined();
  });

  it("has to have said something, be it nothing", () => {
    const nothing = silentTo();
    expect([nothing.end(), verdict(nothing)[0]]).toEqual([undefined, "engine_failed"]);
    const empty = silentTo();
    empty.push(frame({ text_output: "" }));
    expect(JSON.parse(empty.end()?.toString() ?? "")).toMatchObject({ choices: [{ message: { content: "" }, finish_reason: "stop" }] });
  });

  it("has its stop sequences cut here, over frames, and its answer ends there and then", () => {
    const reply = silentTo({ stream: true }, { stops: ["END"] });
    expect(reply.push(token("aE"))?.toString()).toContain('"content":"a"');
    expect(reply.push(token("N"))).toBeUndefined();
    const last = reply.push(token("D and more"))?.toString() ?? "";
    expect(last).toContain('"finish_reason":"stop"');
    expect(last).not.toContain("content");
    expect([reply.done, reply.push(token("junk")), reply.end()]).toEqual([true, undefined, undefined]);
    expect(reply.observed).toMatchObject({ finished: true, reported: { completionTokens: 3 } });
  });
});

describe("frames that do not simply follow each other", () => {
  it("are compared where each holds the whole text so far", () => {
    const reply = silentTo({}, { manner: { accumulates: true, echo: "" } });
    for (const text of ["a", "ab", "ab", "abc"]) reply.push(frame({ text_output: text }));
    expect(JSON.parse(reply.end()?.toString() ?? "")).toMatchObject({ choices: [{ message: { content: "abc" } }] });
    expect(reply.observed).toMatchObject({ frames: 3, textBytes: 3 });
  });

  it("are broken when they contradict each other", () => {
    const reply = silentTo({}, { manner: { accumulates: true, echo: "" } });
    for (const text of ["ab", "ax"]) reply.push(frame({ text_output: text }));
    expect(reply.failure?.fault.detail).toBe("triton: a frame does not go on from the one before");
  });
});

describe("several answers in one", () => {
  const both = (texts: readonly string[], reasons: readonly string[]) =>
    frame({ text_output: texts, finish_reason: reasons, num_input_tokens: 5, num_output_tokens: [1, 1] });

  it("are choices of their own, each with its end", () => {
    const reply = replyTo({ stream: true, n: 2 });
    const first = reply.push(both(["a", "b"], ["None", "stop"]))?.toString() ?? "";
    expect(first.match(/"role":"assistant"/g)).toHaveLength(2);
    expect(first).toContain('{"index":1,"delta":{},"logprobs":null,"finish_reason":"stop"}');
    expect(reply.done).toBe(false);
    const last = reply.push(both(["c", "ignored"], ["length", "stop"]))?.toString() ?? "";
    expect(last).toContain('{"index":0,"delta":{"content":"c"}');
    expect(last).not.toContain("ignored");
    expect([reply.done, reply.observed.reported?.completionTokens]).toEqual([true, 4]);
  });

  it("are broken when one is missing", () => {
    const reply = replyTo({ n: 2 });
    reply.push(frame({ text_output: "a", finish_reason: "None" }));
    expect(reply.failure?.fault.detail).toBe("triton: a frame lacks a sequence");
  });
});

describe("log probabilities and calls of tools", () => {
  const logprobs = '[{"5": {"logprob": -0.5, "rank": 1, "decoded_token": "a"}}]';

  it("come with the text that they belong to", () => {
    const reply = replyTo({ stream: true, logprobs: true }, [200, STREAM], { logprobs: 0 });
    expect(reply.push(frame({ text_output: "a", finish_reason: "None", logprobs }))?.toString()).toContain(
      '"logprobs":{"content":[{"token":"a"',
    );
    const broken = replyTo({ logprobs: true }, [200, STREAM], { logprobs: 0 });
    broken.push(frame({ text_output: "a", logprobs: "[{]" }));
    expect(verdict(broken)[0]).toBe("engine_failed");
  });

  it("come as whole calls, and change the reason", () => {
    const plan = { toolUse: { kind: "free", format: "hermes" } } as const;
    const reply = replyTo({ stream: true }, [200, STREAM], plan);
    for (const text of ["<tool_", 'call>{"name":"f"'])
      expect(reply.push(frame({ text_output: text, finish_reason: "None", num_output_tokens: 1 }))).toBeUndefined();
    const called = reply.push(frame({ text_output: "}</tool_call>", finish_reason: "None", num_output_tokens: 1 }))?.toString() ?? "";
    expect(called).toContain('"tool_calls":[{"index":0,');
    expect(reply.push(frame({ text_output: "", finish_reason: "stop" }))?.toString()).toContain('"finish_reason":"tool_calls"');
    expect(reply.observed).toMatchObject({ frames: 3, reported: { completionTokens: 3 } });
  });

  it("have a bound", () => {
    const reply = replyTo({}, [200, STREAM], { toolUse: { kind: "list" } });
    const piece = "x".repeat(BOUNDS.replyFrameBytesMax / 4);
    for (let at = 0; at < 5; at += 1) reply.push(frame({ text_output: piece }));
    expect(reply.failure?.fault.detail).toBe("triton: a tool call is too long");
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
    expect(empty.failure?.fault.detail).toBe("triton: not the kind of answer that was asked for");
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
