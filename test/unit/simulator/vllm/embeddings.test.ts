import { describe, expect, it } from "vitest";
import { encode } from "../../../../src/simulator/tokens.ts";
import { embed } from "../../../../src/simulator/vllm/embeddings.ts";
import { EMBEDDINGS } from "../recorded.ts";
import { ask, shape, vllm } from "../support.ts";

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

describe("embed", () => {
  it("makes unit vectors that are near when texts share words", () => {
    const of = (text: string) => embed(encode(text), { seed: 1, dimensions: 64 });
    expect(dot(of("the harbour"), of("the harbour"))).toBeCloseTo(1);
    expect(dot(of("the quiet harbour"), of("the northern harbour"))).toBeGreaterThan(dot(of("the quiet harbour"), of("winter engine")));
  });
});

describe("POST /v1/embeddings", () => {
  it("has the members of the recorded answer, and the same vector as float and as base64", async () => {
    const { url } = await vllm({ runner: "pooling", dimensions: 8 });
    const got = await ask(`${url}/v1/embeddings`, { body: { model: "tiny-llama", input: ["hello", "world"] } });
    expect(shape(JSON.parse(got.text))).toEqual(shape(JSON.parse(EMBEDDINGS)));
    const floats: number[] = JSON.parse(got.text).data[1].embedding;
    const packed = JSON.parse((await ask(`${url}/v1/embeddings`, { body: { input: "world", encoding_format: "base64" } })).text).data[0]
      .embedding;
    const bytes = Buffer.from(packed, "base64");
    expect(floats.map((_, index) => bytes.readFloatLE(index * 4))).toEqual(floats);
    expect(JSON.parse(got.text).usage).toMatchObject({ prompt_tokens: 6, total_tokens: 6, completion_tokens: 0 });
  });

  it("cuts to the lengths it knows and refuses others", async () => {
    const { url } = await vllm({ runner: "pooling", dimensions: 8, matryoshka: [2, 4] });
    const of = async (dimensions: number) => ask(`${url}/v1/embeddings`, { body: { input: [300, 301], dimensions } });
    expect(JSON.parse((await of(4)).text).data[0].embedding).toHaveLength(4);
    expect((await of(3)).text).toContain("only supports Matryoshka dimensions [2, 4], got 3.");
  });

  it("refuses nothing at all, too much, and the wrong model", async () => {
    const { url } = await vllm({ runner: "pooling", contextTokensMax: 8 });
    const status = async (body: unknown) => (await ask(`${url}/v1/embeddings`, { body })).status;
    expect(await status({ input: [] })).toBe(400);
    expect(await status({})).toBe(400);
    expect(await status({ input: "a b c d e f g h i" })).toBe(400);
    expect((await ask(`${url}/v1/embeddings`, { body: { model: "nope", input: "x" } })).text).toBe(
      '{"error":{"message":"The model `nope` does not exist.","type":"NotFoundError","param":null,"code":404}}',
    );
  });

  it("is all that a pooling server has", async () => {
    const { url } = await vllm({ runner: "pooling" });
    expect((await ask(`${url}/v1/chat/completions`, { body: {} })).text).toBe('{"detail":"Not Found"}');
  });
});
