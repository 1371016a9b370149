import { describe, expect, it } from "vitest";
import { shapeOf, usualShape } from "../../../../src/backends/triton/shape.ts";
import { changed, configOf, DECLARED } from "./support.ts";

const FLOATS = { name: "out", data_type: "TYPE_FP32", dims: [8] };
const input = (name: string, type: string, optional = false) => ({ name, data_type: `TYPE_${type}`, dims: [-1], optional });
const embedding = (inputs: readonly object[], outputs: readonly object[] = [FLOATS]) =>
  shapeOf(JSON.stringify({ max_batch_size: 4, input: inputs, output: outputs }));

describe("what a model's configuration shows", () => {
  it.each([
    ["vllm_model", { kind: "vllm", streams: true, accumulates: false }],
    ["tensorrt_llm_bls", { kind: "tensorrt_llm", streams: true, accumulates: false }],
    ["ensemble", { kind: "tensorrt_llm", streams: true, accumulates: false }],
    ["llmapi", { kind: "llmapi", streams: true, accumulates: false }],
  ])("%s", (model, expected) => {
    expect(shapeOf(configOf(model))).toMatchObject(expected);
  });

  it("is which inputs there are, whether it streams, and whether it repeats itself", () => {
    const shape = shapeOf(configOf("tensorrt_llm_bls"));
    expect(shape?.kind === "tensorrt_llm" && [shape.inputs.has("stop_words"), shape.inputs.has("guided_decoding_guide")]).toEqual([
      true,
      false,
    ]);
    expect(shapeOf(changed("tensorrt_llm_bls", { model_transaction_policy: {} }))).toMatchObject({ streams: false });
    expect(shapeOf(changed("tensorrt_llm_bls", { parameters: { accumulate_tokens: { string_value: "true" } } }))).toMatchObject({
      accumulates: true,
    });
  });

  it("is how an embedding model takes its input", () => {
    expect(shapeOf(configOf("embed_text"))).toEqual({
      kind: "embedding",
      batchMax: 32,
      input: { name: "TEXT", takes: "text", datatype: "BYTES" },
      mask: undefined,
      types: undefined,
      output: "EMBEDDING",
      tokens: "TOKENS",
    });
    expect(shapeOf(configOf("embed_ids"))).toMatchObject({
      input: { name: "input_ids", takes: "ids", datatype: "INT64" },
      mask: { name: "attention_mask", datatype: "INT64" },
      output: "sentence_embedding",
      tokens: undefined,
    });
    expect(embedding([input("ids", "INT32"), input("mask", "INT32"), input("token_type_ids", "INT32")])).toMatchObject({
      mask: { name: "mask" },
      types: { name: "token_type_ids", datatype: "INT32" },
    });
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["a tokenizer", configOf("preprocessing")],
    [
      "text in and out, but no count of tokens",
      JSON.stringify({ input: [input("text_input", "STRING")], output: [input("text_output", "STRING")] }),
    ],
  ])("is nothing that can be served: %s", (_, config) => {
    expect(shapeOf(config)).toBeUndefined();
  });

  it("is no embedding model when it wants more than one thing, or gives a row for each token, or no floats", () => {
    expect(embedding([input("a", "STRING"), input("b", "STRING")])).toBeUndefined();
    expect(embedding([input("a", "STRING"), input("b", "STRING", true)])?.kind).toBe("embedding");
    expect(embedding([input("a", "FP32")])).toBeUndefined();
    expect(embedding([])).toBeUndefined();
    expect(embedding([input("a", "STRING")], [{ ...FLOATS, dims: [-1, 8] }])).toBeUndefined();
    expect(embedding([input("a", "STRING")], [{ ...FLOATS, data_type: "TYPE_FP16" }])).toBeUndefined();
    expect(embedding([input("a", "STRING")], [FLOATS, { ...FLOATS, name: "score" }])).toBeUndefined();
    expect(
      embedding(
        [input("a", "STRING")],
        [
          { ...FLOATS, name: "score" },
          { ...FLOATS, name: "embedding" },
        ],
      ),
    ).toMatchObject({ output: "embedding" });
  });
});

describe("what is assumed of a model that may not be looked at", () => {
  it("is the usual of its declared kind, and nothing of an undeclared one", () => {
    expect(usualShape(undefined)).toBeUndefined();
    expect(usualShape(DECLARED)).toBeUndefined();
    expect(usualShape({ ...DECLARED, kind: "embedding" })).toBeUndefined();
    expect(usualShape({ ...DECLARED, kind: "llmapi", accumulates: true })).toMatchObject({
      kind: "llmapi",
      streams: true,
      accumulates: true,
    });
    for (const [kind, model] of [
      ["vllm", "vllm_model"],
      ["tensorrt_llm", "tensorrt_llm_bls"],
    ] as const) {
      const usual = usualShape({ ...DECLARED, kind });
      const real = shapeOf(configOf(model));
      if (usual?.kind === undefined || usual.kind === "embedding" || real?.kind !== usual.kind) throw new Error("kinds differ");
      for (const name of usual.inputs) expect(real.inputs).toContain(name);
    }
  });
});
