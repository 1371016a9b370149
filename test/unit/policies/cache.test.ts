import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { keyId, modelId, mspId, projectId, tenantId } from "../../../src/domain/ids.ts";
import type { Question } from "../../../src/domain/law.ts";
import { AnswerCache } from "../../../src/policies/cache.ts";
import { question } from "./fixture.ts";

describe("AnswerCache", () => {
  it.each<Partial<Question>>([
    { msp: mspId("x") },
    { tenant: tenantId("x") },
    { project: projectId("x") },
    { key: keyId("x") },
    { model: modelId("x") },
    { capability: "embeddings" },
    { defaultClass: "secret" },
    { require: "country=(DE)" },
  ])("tells questions apart by %j", (difference) => {
    const cache = new AnswerCache<string>();
    cache.set(question(), "answer", 10);
    expect(cache.get(question(), 9)).toBe("answer");
    expect(cache.get(question(difference), 9)).toBeUndefined();
  });

  it("forgets at the end of a fact, and takes the newer answer", () => {
    const cache = new AnswerCache<string>();
    cache.set(question(), "old", 10);
    expect(cache.get(question(), 10)).toBeUndefined();
    cache.set(question(), "new", 20);
    expect(cache.get(question(), 10)).toBe("new");
    expect(cache.size).toBe(1);
  });

  it("does not follow an object that its owner changes", () => {
    const cache = new AnswerCache<string>();
    const mine = { ...question() };
    cache.set(mine, "answer", 10);
    mine.tenant = tenantId("other");
    expect(cache.get(question(), 1)).toBe("answer");
  });

  it("stays within its bound, and keeps what is asked again", () => {
    const cache = new AnswerCache<number>();
    const most = BOUNDS.decisionCacheEntriesMax;
    cache.set(question(), -1, 10);
    for (let index = 0; index < 3 * most; index++) {
      cache.set(question({ key: keyId(`k${index}`) }), index, 10);
      if (index % 1_000 === 0) expect(cache.get(question(), 1)).toBe(-1);
      if (index % 5_000 === 0) expect(cache.size).toBeLessThanOrEqual(most);
    }
    expect(cache.size).toBeLessThanOrEqual(most);
    expect(cache.get(question({ key: keyId("k0") }), 1)).toBeUndefined();
  });

  it("gives one key no more than its share, however it varies its header", () => {
    const cache = new AnswerCache<number>();
    for (let index = 0; index < 1_000; index++) cache.set(question({ require: `country=(DE), ${index}` }), index, 10);
    expect(cache.size).toBe(BOUNDS.decisionsPerKeyMax);
    expect(cache.get(question({ require: "country=(DE), 999" }), 1)).toBe(999);
  });
});
