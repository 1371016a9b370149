import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { FAULTS } from "../../../src/faults.ts";
import { classifyError, retryAfterMs } from "../../../src/openai/engine-errors.ts";

const NAMES = { servedName: "/models/tiny-llama", aliasName: "north-1", promptParam: "messages" };
const classify = (status: number, body: unknown, waitMs?: number) =>
  classifyError({ status, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), retryAfterMs: waitMs }, NAMES);
const refusal = (message: string, param: string | null = null) =>
  classify(400, { error: { message, type: "BadRequestError", param, code: 400 } }).fault;

describe("classifyError", () => {
  it.each([
    [401, "engine_failed", true, true],
    [403, "engine_failed", true, true],
    [404, "engine_failed", true, true],
    [405, "engine_failed", true, true],
    [307, "engine_failed", true, true],
    [408, "engine_overloaded", true, false],
    [429, "engine_overloaded", true, false],
    [503, "engine_overloaded", true, false],
    [413, "body_too_large", true, false],
    [418, "engine_failed", true, false],
    [500, "engine_failed", true, true],
    [502, "engine_failed", true, true],
    [504, "engine_timeout", true, true],
    [400, "engine_refused", false, false],
    [422, "engine_refused", false, false],
  ])("judges %i as %s", (status, fault, elsewhere, sick) => {
    const failure = classify(status, { error: { message: "The model `x` does not exist. Valid aliases: tiny-llama." } });
    expect([failure.fault.fault, failure.elsewhere, failure.sick]).toEqual([fault, elsewhere, sick]);
    expect(failure.fault.message).not.toContain("tiny-llama");
  });

  it("honours the engine's wait within its bound", () => {
    expect(classify(503, "", 2_500).fault.retryAfterMs).toBe(2_500);
    expect(classify(503, "", 1e12).fault.retryAfterMs).toBe(BOUNDS.retryAfterMsMax);
    expect(classify(429, "").fault.retryAfterMs).toBe(BOUNDS.retryAfterDefaultMs);
    expect(retryAfterMs({ "retry-after": "1.5" })).toBe(1_500);
    expect(retryAfterMs({ "retry-after": "9", "retry-after-ms": "20" })).toBe(20);
    expect(retryAfterMs({ "retry-after": "Sun, 22 Nov 2026 13:36:13 GMT" })).toBeUndefined();
  });
});

describe("what a caller reads of a refusal", () => {
  it.each([
    ["n must be 1 when using greedy sampling, got 2.", null, "n must be 1 when using greedy sampling, got 2.", undefined],
    ["top_p must be in (0, 1], got 2.0. (parameter=top_p, value=2.0)", "top_p", "top_p must be in (0, 1], got 2.0.", "top_p"],
    ["/models/tiny-llama is not a multimodal model", null, "north-1 is not a multimodal model", undefined],
    [
      "1 validation error:\n  {'type': 'int_parsing', 'loc': 'body.seed', 'msg': 'Input should be a valid integer', 'input': 'x'}",
      "body.seed",
      "Invalid 'seed': Input should be a valid integer.",
      "seed",
    ],
    [
      `1 validation error:\n  {'type': 'x', 'loc': 'body.y', 'msg': "Input should be 'a' or 'b'", 'input': 'z'}`,
      "body.y",
      "Invalid 'y': Input should be 'a' or 'b'.",
      "y",
    ],
    [
      "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed",
      null,
      "Unsupported Media Type: Only 'application/json' is allowed",
      undefined,
    ],
    ["No such thing. Valid aliases: a, b.", null, "No such thing.", undefined],
  ])("passes %s", (message, param, text, shownParam) => {
    const fault = refusal(message, param);
    expect([fault.fault, fault.message, fault.param]).toEqual(["engine_refused", text, shownParam]);
  });

  it.each([
    "vLLM could not do that",
    "EngineCore encountered an issue. See stack trace (above) for the root cause.",
    'Traceback (most recent call last): File "x"',
    "could not read /opt/venv/lib/x",
    "failed in scheduler.py",
    "connection to http://10.0.0.5:8000 refused",
    "peer 10.0.0.5 is away",
    "CUDA out of memory",
    "ValueError: no",
    "this needs --some-flag to be set",
    "<Thing object at 0x7f00aa112233>",
    "",
  ])("says nothing of %j", (message) => {
    expect(refusal(message).message).toBe(FAULTS.engine_refused.text);
  });

  it.each([
    [
      "This model's maximum context length is 4096 tokens. However, your prompt contains 5000 input tokens. (parameter=input_tokens, value=5000)",
      "input_tokens",
      "messages",
    ],
    [
      "max_tokens=100000 cannot be greater than max_model_len=4096. Please request fewer output tokens. (parameter=max_tokens, value=100000)",
      "max_tokens",
      "max_tokens",
    ],
  ])("knows %s", (message, param, shownParam) => {
    const fault = refusal(message, param);
    expect([fault.fault, fault.param]).toEqual(["context_length_exceeded", shownParam]);
    expect(fault.message).not.toMatch(/parameter=|max_model_len/);
  });

  it("says that a model has no tools, not how to start its engine", () => {
    const fault = refusal('tool_choice="required" requires --tool-call-parser to be set');
    expect([fault.fault, fault.param, fault.message]).toEqual([
      "unsupported_parameter",
      "tools",
      "Tool calls are not supported by this model.",
    ]);
  });

  it("reads every form and shortens what is long", () => {
    expect(classify(400, { detail: "There was an error parsing the body" }).fault.message).toBe("There was an error parsing the body");
    expect(classify(422, { detail: [{ loc: ["body", "n"], msg: "bad n" }] }).fault).toMatchObject({ message: "bad n", param: "n" });
    expect(classify(400, { error: "no" }).fault.message).toBe("no");
    expect(classify(400, { object: "error", message: "no", param: "n" }).fault).toMatchObject({ message: "no", param: "n" });
    expect(classify(400, "<html>").fault.message).toBe(FAULTS.engine_refused.text);
    expect(refusal("word ".repeat(400)).message.length).toBeLessThanOrEqual(500);
  });

  it("replaces a short served name only where it stands for itself", () => {
    const names = { servedName: "a", aliasName: "b", promptParam: "prompt" };
    const body = Buffer.from(JSON.stringify({ error: { message: "a has a bad day at `a`" } }));
    expect(classifyError({ status: 400, body, retryAfterMs: undefined }, names).fault.message).toBe("b has b bad day at `b`");
  });
});
