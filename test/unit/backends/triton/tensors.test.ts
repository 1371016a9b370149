import { describe, expect, it } from "vitest";
import { inferBody, readInferred, textBytes, wordBytes } from "../../../../src/backends/triton/tensors.ts";
import { tritonAnswer } from "../../../fixtures/engines/read.ts";

describe("raw tensors", () => {
  it("of texts have each length before its bytes", () => {
    expect(textBytes(["ab", "", "ü"]).toString("hex")).toBe("0200000061620000000002000000c3bc");
  });

  it("of numbers are little endian, in rows of one width", () => {
    expect(wordBytes([[1, 2], [3]], 2, "INT64").toString("hex")).toBe("0100000000000000020000000000000003000000000000000000000000000000");
    expect(wordBytes([[258]], 2, "INT32").toString("hex")).toBe("0201000000000000");
  });

  it("lie behind their description", () => {
    const bytes = textBytes(["a"]);
    const { body, jsonBytes } = inferBody("r1", [{ name: "T", shape: [1, 1], datatype: "BYTES", bytes }], ["E"]);
    expect(JSON.parse(body.toString("utf8", 0, jsonBytes))).toEqual({
      id: "r1",
      inputs: [{ name: "T", shape: [1, 1], datatype: "BYTES", parameters: { binary_data_size: 5 } }],
      outputs: [{ name: "E", parameters: { binary_data: true } }],
    });
    expect(body.subarray(jsonBytes)).toEqual(bytes);
  });
});

describe("an infer answer", () => {
  it("has its outputs behind the JSON, in their order", () => {
    const { headers, body } = tritonAnswer("30-infer-embed-text");
    const { outputs } = readInferred(body, Number(headers["inference-header-content-length"])) ?? { outputs: new Map() };
    expect([...outputs.keys()]).toEqual(["EMBEDDING", "TOKENS"]);
    expect(outputs.get("EMBEDDING")).toMatchObject({ datatype: "FP32", shape: [2, 384] });
    expect(outputs.get("EMBEDDING")?.data).toHaveLength(2 * 384 * 4);
    expect(outputs.get("TOKENS")?.data).toEqual(Buffer.from("0200000001000000", "hex"));
  });

  it("may hold them as JSON, nested or not, or both ways at once", () => {
    const json = Buffer.from(
      '{"outputs":[{"name":"a","datatype":"FP32","shape":[2,1],"data":[[1],[2]]},{"name":"b","datatype":"INT32","shape":[1],"parameters":{"binary_data_size":4}}]}',
    );
    const { outputs } = readInferred(Buffer.concat([json, Buffer.from([7, 0, 0, 0])]), json.length) ?? { outputs: new Map() };
    expect([outputs.get("a")?.data, outputs.get("b")?.data]).toEqual([[1, 2], Buffer.from([7, 0, 0, 0])]);
  });

  it("may be an error, whatever its status", () => {
    const text = Buffer.from('{"error":"no"}');
    expect(readInferred(text, text.length)).toEqual({ error: "no", outputs: new Map() });
  });

  it.each([
    ["[]", undefined],
    ["{", undefined],
    ['{"outputs":[5]}', undefined],
    ['{"outputs":[{"name":"a","datatype":"FP32","parameters":{"binary_data_size":4}}]}', undefined],
  ])("is none: %s", (text, expected) => {
    expect(readInferred(Buffer.from(text), text.length)).toBe(expected);
  });
});
