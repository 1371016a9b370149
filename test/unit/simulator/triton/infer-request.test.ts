import { describe, expect, it } from "vitest";
import { readInfer } from "../../../../src/simulator/triton/infer-request.ts";
import { type ModelKind, modelOf } from "../../../../src/simulator/triton/models.ts";

const model = (kind: ModelKind) => modelOf({ name: "m", kind });
const read = (value: object, kind: ModelKind = "embed_text", raw = Buffer.alloc(0), header?: string) => {
  const json = Buffer.from(JSON.stringify(value));
  return readInfer(model(kind), Buffer.concat([json, raw]), header ?? (raw.length === 0 ? undefined : String(json.length)));
};
const text = (more: object = {}) => ({ name: "TEXT", shape: [2, 1], datatype: "BYTES", data: ["a", "b"], ...more });
const refused = (message: string) => expect.objectContaining({ status: 400, message: expect.stringContaining(message) });

describe("an infer request", () => {
  it("has tensors as JSON, nested or not, or raw", () => {
    const want = { rows: 2, inputs: new Map([["TEXT", ["a", "b"]]]) };
    expect(read({ inputs: [text()] })).toMatchObject(want);
    expect(read({ inputs: [text({ data: [["a"], ["b"]] })] })).toMatchObject(want);
    const raw = Buffer.from("\x01\0\0\0a\x01\0\0\0b", "latin1");
    expect(read({ id: "r", inputs: [text({ data: undefined, parameters: { binary_data_size: 10 } })] }, "embed_text", raw)).toMatchObject({
      ...want,
      id: "r",
    });
  });

  it("says which outputs it wants, and how", () => {
    expect(read({ inputs: [text()] }).outputs).toEqual([
      { name: "EMBEDDING", binary: false },
      { name: "TOKENS", binary: false },
    ]);
    expect(read({ inputs: [text()], parameters: { binary_data_output: true } }).outputs[0]).toEqual({ name: "EMBEDDING", binary: true });
    const outputs = [{ name: "TOKENS" }, { name: "EMBEDDING", parameters: { binary_data: true } }];
    expect(read({ inputs: [text()], outputs }).outputs).toEqual([
      { name: "TOKENS", binary: false },
      { name: "EMBEDDING", binary: true },
    ]);
  });

  it.each<readonly [string, object]>([
    ["unexpected inference input 'WRONG' for model 'm'", { inputs: [text({ name: "WRONG" })] }],
    ["data-type is 'INT32', but model 'm' expects 'BYTES'", { inputs: [text({ datatype: "INT32" })] }],
    ["got unexpected elements count 1, expected 2", { inputs: [text({ data: ["a"] })] }],
    ["batch-size must be <= 32", { inputs: [text({ shape: [33, 1] })] }],
    ["unexpected inference output 'X' for model 'm'", { inputs: [text()], outputs: [{ name: "X" }] }],
    ["expected 1 inputs but got 0 inputs for model 'm'", { inputs: [] }],
  ])("is refused: %s", (message, value) => {
    expect(() => read(value)).toThrow(refused(message));
  });

  it("needs every tensor, and a header length that fits", () => {
    const ids = { name: "input_ids", shape: [1, 2], datatype: "INT64", data: [1, 2] };
    expect(() => read({ inputs: [ids] }, "embed_ids")).toThrow(refused("missing required input(s) ['attention_mask']"));
    expect(() => read({ inputs: [text()] }, "embed_text", Buffer.alloc(0), "9999")).toThrow(refused("header says 9999"));
  });
});
