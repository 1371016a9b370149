import { describe, expect, it } from "vitest";
import { scanEmbeddings } from "../../../src/openai/embedding-scan.ts";
import { scanObject } from "../../../src/openai/json-scan.ts";
import { faultOf } from "./fixtures.ts";

describe("scanEmbeddings", () => {
  it.each([
    '{"data":[{"embedding":[0.1,-2],"index":0},{"embedding":[],"index":1}],"usage":{"prompt_tokens":1}}',
    '{"data":[{"embedding":[[1,2],[3]]}],"x":[[1],[2]]}',
    '{"data":[{"embedding":["]",{"a":["]"]}]}],"x":1}',
    '{"data":[],"x":[1,2]}',
    '{"data":[1,"a"],"x":{}}',
  ])("finds the same members as the full scan in %s", (text) => {
    const body = Buffer.from(text);
    const ranges = (scanned: { fields: ReadonlyMap<string, { start: number; end: number; count: number }> }) =>
      [...scanned.fields].map(([name, { start, end, count }]) => [name, start, end, count]);
    expect(ranges(scanEmbeddings(body))).toEqual(ranges(scanObject(body, { start: 0, end: body.length })));
  });

  it("refuses a list that does not end", () => {
    expect(faultOf(() => scanEmbeddings(Buffer.from('{"data":[{"embedding":[0.1,0.2'))).fault).toBe("invalid_json");
    expect(faultOf(() => scanEmbeddings(Buffer.from('{"data":[{"embedding":[0.1]]}'))).fault).toBe("invalid_json");
  });
});
