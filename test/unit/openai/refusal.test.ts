import { describe, expect, it } from "vitest";
import { readError } from "../../../src/openai/engine-message.ts";
import { ErrorAnswer, contentType } from "../../../src/openai/error-answer.ts";
import { envelopeOf } from "../../../src/openai/envelope.ts";
import { publicRefusal, publicText } from "../../../src/openai/refusal.ts";
import { call, REQUEST } from "./fixtures.ts";

const NAMES = { servedName: "tiny-llama", aliasName: "llama.cpp-like", promptParam: "prompt" };

describe("publicText", () => {
  it("does not mistake the caller's own alias for the engine's name", () => {
    expect(publicText("tiny-llama is not multimodal", NAMES)).toBe("llama.cpp-like is not multimodal");
    expect(publicText("llama.cpp is not multimodal", NAMES)).toBeUndefined();
  });

  it("keeps one line without control characters", () => {
    expect(publicText("a\u0000b\n  c", NAMES)).toBe("a b c");
  });
});

describe("publicRefusal", () => {
  it("names no parameter that a caller could not have sent", () => {
    expect(publicRefusal({ message: "no", param: "body.37", code: 400 }, NAMES).param).toBeUndefined();
    expect(publicRefusal({ message: "no", param: "body.messages[0].role", code: 400 }, NAMES).param).toBe("messages[0].role");
  });

  it.each([
    ["messages.0.role", "messages[0].role"],
    ["body.messages.10.content.2.text", "messages[10].content[2].text"],
    ["stop.3", "stop[3]"],
    ["body.messages.0.TheirUserMessage.content", "messages[0].content"],
    ["temperature", "temperature"],
  ])("writes the path %s as OpenAI does: %s", (param, shown) => {
    expect(publicRefusal({ message: "no", param, code: 400 }, NAMES).param).toBe(shown);
  });

  it("writes it so in the text as well", () => {
    const message = "1 validation error:\n  {'type': 'x', 'loc': 'body.messages.0.role', 'msg': 'Field required'}";
    expect(publicRefusal({ message, param: undefined, code: 400 }, NAMES)).toMatchObject({
      message: "Invalid 'messages[0].role': Field required.",
      param: "messages[0].role",
    });
  });

  it("names the prompt where it is too long, and no engine", () => {
    const long = (message: string) => publicRefusal({ message, param: undefined, code: 400 }, NAMES);
    expect(long("The decoder prompt (length 9) is longer than the maximum model length of 4.")).toMatchObject({
      fault: "context_length_exceeded",
      param: "prompt",
      message:
        "The request is longer than the model's maximum context length. The decoder prompt (length 9) is longer than the maximum model length of 4.",
    });
    const own = "This model's maximum context length is 4 tokens.";
    expect(long(own).message, "clients know it by these words").toBe(own);
    expect(long("Prompt length (9) exceeds maximum input length (4). Check TRTGPTModel logs").message).not.toContain("TRT");
  });
});

describe("readError", () => {
  const read = (value: unknown) => readError(Buffer.from(typeof value === "string" ? value : JSON.stringify(value)));

  it("reads codes as numbers or texts, and none that is no error", () => {
    expect(read({ error: { message: "a", code: "503" } }).code).toBe(503);
    expect(read({ error: { message: "a", code: 200 } }).code).toBeUndefined();
    expect(read({ error: "a", error_type: "overloaded" })).toEqual({ message: "a", param: undefined, code: 503 });
    expect(read({ error: "a", http_status_code: 422 }).code).toBe(422);
  });

  it("has nothing to say of what is no error", () => {
    for (const body of ["", "<html>", "[]", "5", '{"error":{}}', '{"detail":[]}', '{"detail":[5]}'])
      expect(read(body).message).toBeUndefined();
  });
});

describe("ErrorAnswer", () => {
  it("judges a 200 by the code inside it", () => {
    const answer = new ErrorAnswer(200, {});
    answer.add(Buffer.from('{"error":{"message":"slow down",'));
    answer.add(Buffer.from('"code":429}}'));
    expect(answer.judge(NAMES).fault.fault).toBe("engine_overloaded");
  });

  it("hands on how long to wait", () => {
    expect(new ErrorAnswer(503, { "retry-after": "3" }).judge(NAMES).fault.retryAfterMs).toBe(3_000);
  });

  it("reads the content type whichever way it came", () => {
    expect(contentType({ "content-type": "Application/JSON" })).toBe("application/json");
    expect(contentType({ "content-type": ["text/html", "x"] })).toBe("text/html");
    expect(contentType({})).toBe("");
  });
});

describe("envelopeOf", () => {
  it("writes ids in OpenAI's prefixes", () => {
    const id = (capability: "chat" | "completions" | "embeddings" | "tokenize") =>
      envelopeOf(call({ capability }), REQUEST, "s").id.toString();
    expect([id("chat"), id("completions"), id("embeddings")]).toEqual([`"chatcmpl-${REQUEST}"`, `"cmpl-${REQUEST}"`, `"embd-${REQUEST}"`]);
    expect(envelopeOf(call(), REQUEST, "s").model.toString()).toBe('"north-1"');
  });
});
