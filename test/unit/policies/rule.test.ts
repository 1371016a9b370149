import { describe, expect, it } from "vitest";
import { ALWAYS, matches } from "../../../src/policies/rule.ts";

const at = (classFrom: number, classTo = classFrom) => ({ classFrom, classTo, capability: "chat" as const, model: "llama" });

describe("matches", () => {
  it("asks the class, both ends included", () => {
    const middle = { ...ALWAYS, classLeast: 1, classMost: 2 };
    expect([0, 1, 2, 3].map((rank) => matches(middle, at(rank)))).toEqual([false, true, true, false]);
  });

  it("asks every class on the way to a raised one", () => {
    const only = (rank: number) => ({ ...ALWAYS, classLeast: rank, classMost: rank });
    expect([0, 1, 2, 3, 4].map((rank) => matches(only(rank), at(1, 3)))).toEqual([false, true, true, true, false]);
  });

  it("asks endpoint and model, and takes what is not known yet to match", () => {
    const narrow = { ...ALWAYS, endpoints: new Set(["embeddings"]), models: new Set(["qwen"]) };
    expect(matches(narrow, { ...at(0), capability: "embeddings", model: "qwen" })).toBe(true);
    expect(matches(narrow, { ...at(0), capability: "embeddings" })).toBe(false);
    expect(matches(narrow, { ...at(0), model: "qwen" })).toBe(false);
    expect(matches(narrow, { ...at(0), capability: undefined, model: undefined })).toBe(true);
  });
});
