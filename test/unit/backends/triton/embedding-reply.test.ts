import { describe, expect, it } from "vitest";
import { EmbeddingReply } from "../../../../src/backends/triton/embedding-reply.ts";
import { type EmbeddingShape, shapeOf } from "../../../../src/backends/triton/shape.ts";
import { tritonAnswer, type Transcript } from "../../../fixtures/engines/read.ts";
import { BOUNDS } from "../../../../src/bounds.ts";
import { callOf, REQUEST } from "../support.ts";
import { configOf } from "./support.ts";

const TEXTS = tritonAnswer("30-infer-embed-text");
const CALL = callOf("embeddings", { model: "acme/small", input: ["hello world", "bye"] });

function shapeNamed(model: string): EmbeddingShape {
  const shape = shapeOf(configOf(model));
  if (shape?.kind !== "embedding") throw new Error("no embedding model");
  return shape;
}

function read(
  { status, headers, body }: Transcript,
  more: { readonly model?: string; readonly base64?: boolean; readonly rows?: number } = {},
) {
  const plan = { shape: shapeNamed(more.model ?? "embed_text"), rows: more.rows ?? 2, base64: more.base64 ?? false };
  const reply = new EmbeddingReply(CALL, REQUEST, "embed_text", plan);
  reply.head(status, headers);
  for (const half of [body.subarray(0, 100), body.subarray(100)]) expect(reply.push(half)).toBeUndefined();
  const out = reply.end();
  return { reply, answer: out === undefined ? undefined : JSON.parse(out.toString()) };
}
/** The recorded answer with another body, all of it JSON. */
const saying = (body: unknown, status = 200): Transcript => ({ request: "", status, headers: {}, body: Buffer.from(JSON.stringify(body)) });
const floats = (data: readonly unknown[], datatype = "FP32") => saying({ outputs: [{ name: "EMBEDDING", datatype, shape: [2, 1], data }] });

describe("vectors", () => {
  it("are those of the engine, under the caller's name for the model", () => {
    const { reply, answer } = read(TEXTS);
    expect(answer).toMatchObject({
      object: "list",
      model: "acme/small",
      usage: { prompt_tokens: 3, total_tokens: 3 },
      data: [
        { object: "embedding", index: 0 },
        { object: "embedding", index: 1 },
      ],
    });
    const vectors: readonly (readonly number[])[] = answer.data.map(({ embedding }: { embedding: readonly number[] }) => embedding);
    expect(vectors.map((vector) => [vector.length, vector.reduce((sum, each) => sum + each * each, 0).toFixed(5)])).toEqual([
      [384, "1.00000"],
      [384, "1.00000"],
    ]);
    expect(reply.failure).toBeUndefined();
    expect(reply.observed).toMatchObject({ finished: true, reports: 1, reported: { promptTokens: 3, completionTokens: undefined } });
  });

  it("are the same as base64", () => {
    const [plain, packed] = [read(TEXTS), read(TEXTS, { base64: true })].map(({ answer }) => answer.data);
    for (const [row, { embedding }] of packed.entries()) {
      const bytes = Buffer.from(embedding, "base64");
      const numbers = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
      expect(numbers).toEqual(plain[row].embedding);
    }
  });

  it("may come as JSON, from a server that knows no other way", () => {
    const { reply, answer } = read(floats([[0.5], [1]]));
    expect(answer.data.map(({ embedding }: { embedding: unknown }) => embedding)).toEqual([[0.5], [1]]);
    // No count of the engine: the usage shown is the estimate that is charged, and not passed for the engine's.
    expect(answer.usage.prompt_tokens).toBe(CALL.promptTokensEstimate);
    expect(reply.observed.reported).toBeUndefined();
  });

  it("of a model that counts no tokens come with the estimate", () => {
    expect(read(tritonAnswer("31-infer-embed-ids"), { model: "embed_ids" }).answer.usage.total_tokens).toBe(CALL.promptTokensEstimate);
  });
});

describe("what is no answer", () => {
  it.each<readonly [string, Transcript, string, boolean]>([
    ["an error of the model", tritonAnswer("32-infer-model-error"), "engine_failed", true],
    ["an error under a 200", saying({ error: "generate expects model to produce exactly 1 response" }), "engine_failed", true],
    ["a full queue", saying({ error: "Exceeds maximum queue size" }, 503), "engine_overloaded", false],
    ["a page of a proxy", { ...saying({}), body: Buffer.from("<html>") }, "engine_failed", true],
    ["a tensor that is not whole", { ...TEXTS, body: TEXTS.body.subarray(0, 2_000) }, "engine_failed", true],
    ["no vectors", saying({ outputs: [] }), "engine_failed", true],
    ["vectors of another type", floats([1, 2], "FP16"), "engine_failed", true],
    ["numbers that are none", floats(["x", 1]), "engine_failed", true],
    ["fewer numbers than rows", floats([1]), "engine_failed", true],
  ])("%s", (_, transcript, fault, sick) => {
    const { reply, answer } = read(transcript);
    expect(answer).toBeUndefined();
    expect([reply.failure?.fault.fault, reply.failure?.elsewhere, reply.failure?.sick]).toEqual([fault, true, sick]);
    expect(reply.observed.finished).toBe(false);
  });

  it("is one that never ends", () => {
    const reply = new EmbeddingReply(CALL, REQUEST, "m", { shape: shapeNamed("embed_text"), rows: 1, base64: false });
    reply.head(200, {});
    const piece = Buffer.alloc(BOUNDS.replyJsonBytesMax / 2);
    for (let at = 0; at < 3; at += 1) reply.push(piece);
    expect(reply.failure?.fault.detail).toBe("triton: the answer is too long");
    expect(reply.end()).toBeUndefined();
  });
});
