import { describe, expect, it } from "vitest";
import { ask, triton } from "../support.ts";

const MODELS = { models: ["vllm_model", { name: "embed_text", kind: "embed_text" }] } as const;
const body = (texts: readonly string[], more: object = {}) => ({
  inputs: [{ name: "TEXT", shape: [texts.length, 1], datatype: "BYTES", data: texts }],
  ...more,
});

describe("infer", () => {
  it("answers in JSON or raw, with the same numbers", async () => {
    const { url } = await triton(MODELS);
    const plain = await ask(`${url}/v2/models/embed_text/infer`, { body: body(["a", "b"]) });
    const [embedding, tokens] = JSON.parse(plain.text).outputs;
    expect([embedding.shape, tokens.shape, tokens.datatype]).toEqual([[2, 384], [2, 1], "INT32"]);
    const raw = await ask(`${url}/v2/models/embed_text/infer`, { body: body(["a", "b"], { parameters: { binary_data_output: true } }) });
    expect(raw.rawHeaders.filter((_, at) => at % 2 === 0)).toEqual(["Content-Type", "Inference-Header-Content-Length", "Content-Length"]);
    const from = Number(raw.headers["inference-header-content-length"]);
    expect(raw.bytes).toHaveLength(from + 2 * 384 * 4 + 8);
    expect(raw.bytes.readFloatLE(from)).toBeCloseTo(embedding.data[0], 6);
    const [again] = JSON.parse((await ask(`${url}/v2/models/embed_text/infer`, { body: body(["b"]) })).text).outputs;
    expect(again.data).toEqual(embedding.data.slice(384));
  });

  it("is nothing for models that answer several times, and may break like everything else", async () => {
    const { url } = await triton(MODELS);
    expect((await ask(`${url}/v2/models/vllm_model/infer`, { body: {} })).status).toBe(501);
    expect(await ask(`${url}/v2/models/embed_text/infer`, { body: body(["[[fail:error:0]]"]) })).toMatchObject({
      status: 500,
      text: '{"error":"fake encoder failure"}',
    });
    expect((await ask(`${url}/v2/models/embed_text/infer`, { body: body(["[[fail:503]]"]) })).status).toBe(503);
  });
});
