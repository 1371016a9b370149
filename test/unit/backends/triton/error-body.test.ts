import { describe, expect, it } from "vitest";
import { ErrorBody } from "../../../../src/backends/triton/error-body.ts";
import { BOUNDS } from "../../../../src/bounds.ts";

const NAMES = { servedName: "vllm_model", aliasName: "acme/small", promptParam: "messages" };

function judged(status: number, ...chunks: readonly string[]) {
  const body = new ErrorBody(status);
  for (const chunk of chunks) expect(body.add(Buffer.from(chunk))).toBe(true);
  const { fault, elsewhere, sick } = body.judge(NAMES);
  return [fault.fault, elsewhere, sick, fault.message];
}

describe("an answer that is not what was asked for", () => {
  it("is judged by what it says, in however many pieces", () => {
    expect(judged(400, '{"error":"top_p must be in (0, 1], ', 'got 2."}')).toEqual([
      "engine_refused",
      false,
      false,
      "top_p must be in (0, 1], got 2.",
    ]);
    expect(judged(503, '{"error":"Exceeds maximum queue size"}').slice(0, 3)).toEqual(["engine_overloaded", true, false]);
  });

  it("is broken when it says nothing under a status that says well", () => {
    expect(judged(200, "<html>").slice(0, 3)).toEqual(["engine_failed", true, true]);
    expect(judged(200).slice(0, 3)).toEqual(["engine_failed", true, true]);
  });

  it("is judged by its status when it is longer than any error", () => {
    const body = new ErrorBody(503);
    expect([body.add(Buffer.from('{"error":"')), body.add(Buffer.alloc(BOUNDS.replyErrorBytesMax))]).toEqual([true, false]);
    expect(body.judge(NAMES).fault.fault).toBe("engine_overloaded");
  });
});
