import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { scanObject } from "../../../../src/openai/json-scan.ts";
import { mediaInPairs, pairsSize } from "../../../../src/openai/rerank/pairs.ts";
import { faultOf } from "../fixtures.ts";

function of(body: object): { readonly bytes: Buffer; readonly fields: ReturnType<typeof scanObject>["fields"] } {
  const bytes = Buffer.from(JSON.stringify(body));
  return { bytes, fields: scanObject(bytes, { start: 0, end: bytes.length }).fields };
}

const sizeOf = (wire: "rerank" | "score", body: object): number => {
  const { bytes, fields } = of(body);
  return pairsSize(wire, bytes, fields).tokensMax;
};
const PAIR = BOUNDS.pairTemplateTokensMax;

describe("pairsSize", () => {
  it("reads a query again with each document", () => {
    // "0123456789" is twelve bytes with its quotes, ["a","b","c"] thirteen.
    expect(sizeOf("rerank", { query: "0123456789", documents: ["a", "b", "c"] })).toBe(3 * 12 + 13 + 3 * PAIR);
    const { bytes, fields } = of({ query: "0123456789", documents: ["a", "b", "c"] });
    expect(pairsSize("rerank", bytes, fields).tokens).toBe(Math.ceil((3 * 12 + 13) / 4));
  });

  it("reads each with its neighbour where there are as many", () => {
    expect(sizeOf("score", { text_1: ["a", "b"], text_2: ["c", "d"] })).toBe(9 + 9 + 2 * PAIR);
    expect(sizeOf("score", { queries: "a", documents: ["c", "d"] })).toBe(2 * 3 + 9 + 2 * PAIR);
    expect(sizeOf("score", { data_1: ["a"], data_2: ["c", "d"] })).toBe(2 * 5 + 9 + 2 * PAIR);
    expect(sizeOf("score", { text_1: "a", text_2: "b" })).toBe(3 + 3 + PAIR);
  });

  it.each([
    ["rerank" as const, { documents: ["a"] }, "missing_parameter", "query"],
    ["rerank" as const, { query: "a" }, "missing_parameter", "documents"],
    ["score" as const, {}, "missing_parameter", "text_1"],
    ["score" as const, { queries: "a" }, "missing_parameter", "documents"],
    ["score" as const, { text_1: ["a", "b"], text_2: ["c"] }, "invalid_value", "text_1"],
  ])("%s refuses %j", (wire, body, fault, param) => {
    const refused = faultOf(() => sizeOf(wire, body));
    expect([refused.fault, refused.param]).toEqual([fault, param]);
  });
});

describe("mediaInPairs", () => {
  const document = (url: string): object => ({
    content: [
      { type: "image_url", image_url: { url } },
      { type: "text", text: "x" },
    ],
  });
  const media = (body: object): number => {
    const { bytes, fields } = of(body);
    return mediaInPairs(bytes, fields);
  };

  it("counts what the request carries", () => {
    expect(media({ query: "a", documents: ["b", document("data:image/png;base64,AA"), document("data:,")] })).toBe(2);
    expect(media({ query: document("data:,"), documents: ["b"] })).toBe(1);
    expect(media({ text_1: "a", text_2: [document("data:,")] })).toBe(1);
    expect(media({ query: "a", documents: ["b"] })).toBe(0);
  });

  it("refuses what lies elsewhere", () => {
    for (const body of [
      { query: "a", documents: [document("https://evil.example")] },
      { queries: document("file:///x"), documents: ["a"] },
      { data_1: "a", data_2: [document("http://x")] },
    ])
      expect(faultOf(() => media(body)).fault).toBe("invalid_value");
  });
});
