import { describe, expect, it } from "vitest";
import { suggest } from "../../../../src/policies/vocabulary/suggest.ts";

describe("suggest", () => {
  it("finds the nearest word, forgiving case", () => {
    expect(suggest("contry", ["city", "country", "county"])).toBe('did you mean "country"?');
    expect(suggest("iso27001", ["ISO27018", "ISO27001"])).toBe('did you mean "ISO27001"?');
  });

  it("is silent when nothing is near, or the text is no word", () => {
    expect(suggest("banana", ["country", "class"])).toBeUndefined();
    expect(suggest("x".repeat(65), ["x".repeat(65)])).toBeUndefined();
  });
});
