import { describe, expect, it } from "vitest";
import { embeddingRequest } from "../../../../src/backends/triton/embedding-request.ts";
import { type EmbeddingShape, shapeOf } from "../../../../src/backends/triton/shape.ts";
import { MODEL } from "../support.ts";
import { configOf } from "./support.ts";

function shapeNamed(model: string, more: Partial<EmbeddingShape> = {}): EmbeddingShape {
  const shape = shapeOf(configOf(model));
  if (shape?.kind !== "embedding") throw new Error("no embedding model");
  return { ...shape, ...more };
}
const TEXT = shapeNamed("embed_text");
const IDS = shapeNamed("embed_ids");
const request = (input: unknown, shape = TEXT, more: object = {}) => embeddingRequest({ model: "m", input, ...more }, shape, MODEL);

describe("texts", () => {
  it("are one batch, in their order, and the count is asked for as well", () => {
    const { inputs, outputs, rows } = request(["hello world", "bye"]);
    expect([rows, outputs]).toEqual([2, ["EMBEDDING", "TOKENS"]]);
    expect(inputs).toMatchObject([{ name: "TEXT", shape: [2, 1], datatype: "BYTES" }]);
    expect(inputs[0]?.bytes.toString("latin1")).toBe("\x0b\0\0\0hello world\x03\0\0\0bye");
    expect(request("x").inputs).toMatchObject([{ shape: [1, 1] }]);
    expect(request("x", shapeNamed("embed_text", { batchMax: 0 })).inputs).toMatchObject([{ shape: [1] }]);
  });

  it("are as many as the model takes at a time, and no more", () => {
    expect(request(Array.from({ length: 32 }, () => "x")).rows).toBe(32);
    const many = Array.from({ length: 33 }, () => "x");
    expect(() => request(many)).toThrow(expect.objectContaining({ fault: "array_too_long", param: "input" }));
    expect(() => request(["a", "b"], shapeNamed("embed_text", { batchMax: 0 }))).toThrow(
      expect.objectContaining({ fault: "array_too_long" }),
    );
  });
});

describe("token ids", () => {
  it("are padded to one width, and a mask says what is padding", () => {
    const { inputs, rows } = request([[1, 2, 3], [4]], IDS);
    expect([rows, inputs.map(({ name, shape }) => [name, shape])]).toEqual([
      2,
      [
        ["input_ids", [2, 3]],
        ["attention_mask", [2, 3]],
      ],
    ]);
    const words = inputs.map(({ bytes }) => Array.from({ length: bytes.length / 8 }, (_, at) => Number(bytes.readBigInt64LE(at * 8))));
    expect(words).toEqual([
      [1, 2, 3, 4, 0, 0],
      [1, 1, 1, 1, 0, 0],
    ]);
  });

  it("in one list are one input", () => {
    expect(request([1, 2, 3], IDS).inputs).toMatchObject([{ shape: [1, 3] }, { shape: [1, 3] }]);
    expect(request([1, 2], shapeNamed("embed_ids", { batchMax: 0 })).inputs[0]?.shape).toEqual([2]);
  });

  it("bring zeros along for models that insist on types", () => {
    const { inputs } = request([1, 2], shapeNamed("embed_ids", { types: { name: "token_type_ids", datatype: "INT64" } }));
    expect(inputs[2]).toMatchObject({ name: "token_type_ids", shape: [1, 2], bytes: Buffer.alloc(16) });
  });

  it("are no longer than the model's context, and padding has a bound of its own", () => {
    const long = Array.from({ length: MODEL.contextTokensMax + 1 }, () => 1);
    expect(() => request(long, IDS)).toThrow(expect.objectContaining({ fault: "context_length_exceeded", param: "input" }));
    const wide = { ...MODEL, contextTokensMax: 1_000_000 };
    const rows = [Array.from({ length: 100_000 }, () => 1), ...Array.from({ length: 31 }, () => [1])];
    expect(() => embeddingRequest({ input: rows }, IDS, wide)).toThrow(expect.objectContaining({ fault: "body_too_large" }));
  });
});

describe("what it cannot do", () => {
  it.each<readonly [unknown, EmbeddingShape, string]>([
    ["text", IDS, "unsupported_parameter"],
    [["text"], IDS, "unsupported_parameter"],
    [[1, 2], TEXT, "unsupported_parameter"],
    [[["x"]], IDS, "invalid_value"],
    [[[1.5]], IDS, "invalid_value"],
    [[[-1]], IDS, "invalid_value"],
    [[[2 ** 31]], IDS, "invalid_value"],
    [["a", null], TEXT, "invalid_type"],
  ])("%j", (input, shape, fault) => {
    expect(() => request(input, shape)).toThrow(expect.objectContaining({ fault, param: expect.stringMatching(/^input/) }));
  });

  it("is refused by name: shorter vectors, above all", () => {
    expect(() => request("x", TEXT, { dimensions: 8 })).toThrow(
      expect.objectContaining({ fault: "unsupported_parameter", param: "dimensions" }),
    );
    expect(request("x", TEXT, { user: "u", encoding_format: "base64", dimensions: null }).rows).toBe(1);
  });
});
