import { describe, expect, it } from "vitest";
import { broken, judge } from "../../../../src/backends/triton/errors.ts";

const NAMES = { servedName: "vllm_model", aliasName: "acme/small", promptParam: "messages" };

function verdict(status: number, message: string): readonly [string, ...string[]] {
  const { fault, elsewhere, sick } = judge(status, message, NAMES);
  return [fault.fault, ...(elsewhere ? ["elsewhere"] : []), ...(sick ? ["sick"] : [])];
}

describe("judge", () => {
  it.each([
    [404, "Request for unknown model: 'x' is not found", ["engine_failed", "elsewhere"]],
    [400, "Request for unknown model: 'x' has no available versions", ["engine_failed", "elsewhere"]],
    [503, "[request id: <id_unknown>] Exceeds maximum queue size", ["engine_overloaded", "elsewhere"]],
    [400, "Request timeout expired", ["engine_overloaded", "elsewhere"]],
    [429, "", ["engine_overloaded", "elsewhere"]],
    [403, "no", ["engine_failed", "elsewhere"]],
    [500, "temperature must be non-negative, got -1.", ["engine_refused"]],
    [400, "Error generating stream: top_p must be in (0, 1], got 2.", ["engine_refused"]],
    [500, "", ["engine_failed", "elsewhere", "sick"]],
    [200, "fake engine failure after 2 tokens", ["engine_failed", "elsewhere", "sick"]],
  ])("%i %s", (status, message, expected) => {
    expect(verdict(status, message)).toEqual(expected);
  });

  it("takes no single caller's word for an illness: an unlisted 4xx is tried elsewhere, and that is all", () => {
    for (const status of [400, 402, 405, 409, 413, 418, 422, 451, 499])
      expect([status, ...verdict(status, "fake engine failure after 0 tokens")]).toEqual([status, "engine_failed", "elsewhere"]);
    expect(verdict(399, "odd")).toContain("sick");
    expect(verdict(501, "odd")).toContain("sick");
  });

  it.each([
    "The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.",
    "Error generating stream: This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
    "[request id: a1] Error generating stream: The prompt is longer than the maximum model length of 4096.",
    "Prompt length (5000) exceeds maximum input length (4096). Set log level to info and check TRTGPTModel logs",
  ])("tells a prompt that is too long from every other refusal: %s", (message) => {
    for (const status of [400, 500]) {
      const { fault, elsewhere, sick } = judge(status, message, NAMES);
      expect([fault.fault, fault.param, elsewhere, sick]).toEqual(["context_length_exceeded", "messages", false, false]);
      expect(fault.message).not.toMatch(/request id|generating stream|max_model_len|TRT/i);
    }
  });

  it("shows the reason of a refusal without what the engine puts before it", () => {
    expect(judge(400, "[request id: 7] Error generating stream: top_k must be at least 1 for vllm_model", NAMES).fault.message).toBe(
      "top_k must be at least 1 for acme/small",
    );
  });

  it("keeps tracebacks, paths and prompts out of the text and out of the log", () => {
    const message = 'Traceback (most recent call last):\n File "/opt/x.py" top_p must be in (0, 1]: the s3cret prompt';
    for (const status of [400, 500]) {
      const { fault } = judge(status, message, NAMES);
      expect(`${fault.message} ${fault.detail ?? ""}`).not.toMatch(/s3cret|opt|Traceback/);
    }
    expect(judge(500, "the s3cret prompt", NAMES).fault.detail).toBe("triton error, status 500");
  });
});

it("an answer that is not what was agreed is the engine's illness", () => {
  const { fault, elsewhere, sick } = broken("no stream");
  expect([fault.fault, fault.detail, elsewhere, sick]).toEqual(["engine_failed", "triton: no stream", true, true]);
});
