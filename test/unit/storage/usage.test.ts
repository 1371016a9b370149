import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { tenantId } from "../../../src/domain/ids.ts";
import type { UsageQuery } from "../../../src/ports.ts";
import { usageRows, usageStatement } from "../../../src/storage/usage.ts";

const QUERY: UsageQuery = {
  tenant: tenantId("t' or 1=1"), startMs: 0, endMs: 10, bucketMs: 5, projects: ["p1", "p'2"], keys: undefined, models: undefined, groupBy: ["model"], capability: undefined,
}; // prettier-ignore

describe("a usage statement", () => {
  it("carries every text as a parameter", () => {
    const { sql, params } = usageStatement(QUERY);
    expect(params).toEqual(["t' or 1=1", 0, 10, "p1", "p'2", "tokenize", BOUNDS.usageRowsMax + 1]);
    expect(sql).not.toContain("'");
  });

  it("refuses numbers that are none", () => {
    expect(() => usageStatement({ ...QUERY, bucketMs: 0.5 })).toThrow(expect.objectContaining({ param: "bucket_width" }));
    expect(() => usageStatement({ ...QUERY, startMs: Number.NaN })).toThrow(expect.objectContaining({ param: "start_time" }));
    expect(() => usageStatement({ ...QUERY, endMs: Infinity })).toThrow(expect.objectContaining({ param: "end_time" }));
  });

  it("has its rows read by place, and refuses to pass on only some of them", () => {
    const row = [0, null, null, "llama", "EUR", 1, 2, 3, 4, 5];
    expect(usageRows([row])).toEqual([
      {
        bucketStartMs: 0,
        projectId: undefined,
        keyId: undefined,
        model: "llama",
        currency: "EUR",
        promptTokens: 1,
        cachedTokens: 2,
        completionTokens: 3,
        requests: 4,
        amount: 5,
      },
    ]);
    expect(() => usageRows(Array.from({ length: BOUNDS.usageRowsMax + 1 }, () => row))).toThrow(
      expect.objectContaining({ fault: "invalid_value" }),
    );
  });
});
